using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Benchmarks.Servers;

/// <summary>A server process under measurement, on a port of loopback.</summary>
internal sealed class MeasuredServer : IDisposable
{
    private const string FirstParty = "0:i1t84hgy:benchmarkbenchmarkbenchmarkbench0";
    private const string FirstSession = "0:i1t84hgy:benchmarkbenchmarkbenchmarkbench1";

    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    /// <param name="name">Name of the row.</param>
    /// <param name="port">The port that is asked.</param>
    /// <param name="start">What to start.</param>
    /// <param name="directory">Its folder.</param>
    /// <param name="target">What it is asked until it answers 200: an event unless given.</param>
    private MeasuredServer(string name, int port, ProcessStartInfo start, DirectoryInfo directory, string? target = null)
    {
        Name = name;
        Port = port;
        _directory = directory;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = directory.FullName;
        var clock = Stopwatch.StartNew();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += Kill;
        WaitForFirstAnswer(clock, target ?? Beacon.PageView("/csc-event", FirstParty, FirstSession, 1, 1732320000000).Target);
        TimeToFirstAnswer = clock.Elapsed;
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>A server that looks at no event: what others are compared with.</summary>
    public bool IsYardstick { get; private init; }

    public int ProcessId => _process.Id;

    /// <summary>From the start of the process to the whole answer of its first event.</summary>
    public TimeSpan TimeToFirstAnswer { get; }

    private readonly StringBuilder _output = new();

    /// <summary>nginx with <c>empty_gif</c> on every path, one worker a core, no log.</summary>
    public static MeasuredServer Nginx()
    {
        var directory = Directory.CreateTempSubdirectory("divolte-bench-");
        var port = FreePort.Next();
        File.WriteAllText(Path.Combine(directory.FullName, "nginx.conf"), $$"""
            daemon off;
            worker_processes {{Environment.ProcessorCount}};
            pid nginx.pid;
            error_log stderr error;
            events { worker_connections 4096; }
            http {
              access_log off;
              keepalive_requests 100000000;
              client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
              large_client_header_buffers 8 64k;
              server { listen 127.0.0.1:{{port}}; location / { empty_gif; } }
            }
            """);
        return new MeasuredServer("nginx empty_gif", port, new ProcessStartInfo("nginx", ["-p", directory.FullName, "-c", "nginx.conf"]), directory) { IsYardstick = true };
    }

    /// <summary>Kestrel with one terminal delegate that answers with the same image: this program, started again.</summary>
    public static MeasuredServer BareKestrel()
    {
        var port = FreePort.Next();
        return new MeasuredServer(
            "bare Kestrel",
            port,
            new ProcessStartInfo("dotnet", [typeof(MeasuredServer).Assembly.Location, "bare", port.ToString(CultureInfo.InvariantCulture)]),
            Directory.CreateTempSubdirectory("divolte-bench-"))
        {
            IsYardstick = true,
        };
    }

    /// <summary>A published program that takes visitors: a silo that stands alone, or a frontend.</summary>
    /// <param name="name">Name of the row.</param>
    /// <param name="program">The published <c>Divolte.Silo.dll</c> or <c>Divolte.Frontend.dll</c>.</param>
    /// <param name="configuration">Text of a configuration file; <c>{directory}</c> stands for a fresh folder. Null for none.</param>
    public static MeasuredServer Silo(string name, string program, string? configuration)
    {
        var directory = Directory.CreateTempSubdirectory("divolte-bench-");
        var port = FreePort.Next();
        return new MeasuredServer(name, port, StartOf(program, configuration, directory, port, adminPort: 0), directory);
    }

    /// <summary>A published silo of a grid, without a public port: what it is asked is its admin port.</summary>
    /// <inheritdoc cref="Silo"/>
    public static MeasuredServer GridSilo(string name, string program, string configuration)
    {
        var directory = Directory.CreateTempSubdirectory("divolte-bench-");
        var port = FreePort.Next();
        return new MeasuredServer(name, port, StartOf(program, configuration, directory, port: 0, adminPort: port), directory, target: "/ready");
    }

    private static ProcessStartInfo StartOf(string program, string? configuration, DirectoryInfo directory, int port, int adminPort)
    {
        var start = new ProcessStartInfo("dotnet", [program]);
        if (configuration is not null)
        {
            var file = Path.Combine(directory.FullName, "divolte-collector.conf");
            File.WriteAllText(file, configuration.Replace("{directory}", directory.FullName, StringComparison.Ordinal));
            Directory.CreateDirectory(Path.Combine(directory.FullName, "working"));
            Directory.CreateDirectory(Path.Combine(directory.FullName, "published"));
            start.ArgumentList.Add("--config");
            start.ArgumentList.Add(file);
        }
        start.Environment["DIVOLTE_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["DIVOLTE_ADMIN_PORT"] = adminPort.ToString(CultureInfo.InvariantCulture);
        start.Environment["DIVOLTE_DATA_DIR"] = Path.Combine(directory.FullName, "data");
        return start;
    }

    /// <summary>Deletes what is in a folder of the server's, so that a long run does not fill the disk.</summary>
    public void DeleteFiles(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_directory.FullName, folder)))
            File.Delete(file);
    }

    public double CpuSeconds => ProcessFigures.CpuSeconds(ProcessId);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        if (!_process.HasExited)
        {
            // By SIGTERM: nginx takes its workers along.
            using (var kill = Process.Start("kill", ["-TERM", ProcessId.ToString(CultureInfo.InvariantCulture)]))
                kill.WaitForExit();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(60)))
                _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private void WaitForFirstAnswer(Stopwatch clock, string target)
    {
        var request = Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        var answer = new byte[64];
        while (clock.Elapsed < TimeSpan.FromSeconds(60) && !_process.HasExited)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect("127.0.0.1", Port);
                socket.Send(request);
                if (socket.Receive(answer) > 12 && Encoding.ASCII.GetString(answer, 9, 3) == "200")
                    return;
            }
            catch (SocketException)
            {
                // Not listening yet; the loop is the wait.
            }
            Thread.Sleep(5);
        }
        throw new InvalidOperationException($"{Name} does not answer. Its output:\n{_output}");
    }

    /// <summary>A run that is ended by its time limit disposes nothing, and must leave nothing behind.</summary>
    private void Kill(object? sender, EventArgs arguments)
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (_output.Length < 100_000)
                _output.AppendLine(line);
        }
    }
}
