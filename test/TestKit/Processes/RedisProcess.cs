using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Divolte.TestKit.Processes;

/// <summary>A real Redis server with a folder of its own, on loopback. Where the program is missing, the test is skipped with a reason.</summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _settings;
    private Process? _process;

    private RedisProcess(string[] settings)
    {
        _settings = settings;
        Port = FreePort.Next();
    }

    public int Port { get; }

    /// <summary>Address for clients.</summary>
    public string Connection => $"127.0.0.1:{Port}";

    public int ProcessId => _process!.Id;

    /// <summary>Where its files are.</summary>
    public string Directory => _folder.Path;

    /// <summary>Starts a server whose append-only file is synced before every answer, or skips the running test.</summary>
    /// <param name="settings">More settings, as on its command line: <c>--name</c>, <c>value</c>. They go before the usual ones.</param>
    public static async Task<RedisProcess> StartOrSkipAsync(params string[] settings)
    {
        if (!IsInstalled("redis-server"))
            Assert.Skip("needs redis-server on the PATH (Debian: apt-get install redis-server)");
        var server = new RedisProcess(settings);
        await server.StartAsync();
        return server;
    }

    /// <summary>Whether a program is on the PATH.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Starts it again with its data and port.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] usual =
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--appendonly", "yes",
            "--appendfsync", "always", "--repl-diskless-sync-delay", "0", "--repl-timeout", "60",
        ];
        foreach (var argument in usual.Concat(_settings))
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var answer = await TryCommandAsync(Port, "PING");
            if (answer is "+PONG" || answer?.StartsWith("-NOAUTH", StringComparison.Ordinal) == true)
                return;
            await Task.Delay(10);
        }
        throw new InvalidOperationException($"redis-server on port {Port} did not answer within thirty seconds.");
    }

    /// <summary><c>kill -9</c>, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stops in good order.</summary>
    public async Task StopAsync()
    {
        Signal("TERM");
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>How long the append-only file is: what was written after it may be lost with the power when Redis syncs once a second.</summary>
    public long AppendedBytes => new FileInfo(AppendedFile).Length;

    /// <summary>Cuts the append-only file of a killed server, as a power cut does with what was never synced.</summary>
    public void CutAppended(long length)
    {
        using var file = new FileStream(AppendedFile, FileMode.Open, FileAccess.Write);
        file.SetLength(length);
    }

    private string AppendedFile => System.IO.Directory.GetFiles(System.IO.Path.Combine(_folder.Path, "appendonlydir"), "*.incr.aof").Single();

    /// <summary>Sends a signal by its name without SIG.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Sends one command as a line and returns the first line of its answer.</summary>
    public async Task<string> CommandAsync(string line) =>
        await TryCommandAsync(Port, line) ?? throw new InvalidOperationException($"redis-server on port {Port} did not answer {line}.");

    /// <summary>A section of what the server says of itself.</summary>
    public async Task<string> InfoAsync(string section) =>
        await TryCommandAsync(Port, $"INFO {section}", whole: true) ?? throw new InvalidOperationException($"redis-server on port {Port} did not answer.");

    /// <summary>Waits until a replica has everything that was written here until now.</summary>
    /// <exception cref="TimeoutException">It has not within thirty seconds.</exception>
    public async Task WaitForReplicaAsync(RedisProcess replica)
    {
        var goal = await OffsetAsync(Port, "master_repl_offset:");
        for (var attempt = 0; attempt < 1500; attempt++)
        {
            if (await OffsetAsync(replica.Port, "slave_repl_offset:") >= goal)
                return;
            await Task.Delay(20);
        }
        throw new TimeoutException($"The replica on port {replica.Port} did not come to offset {goal} within thirty seconds.");
    }

    /// <summary>Waits until a command's whole answer holds a text.</summary>
    /// <exception cref="TimeoutException">It did not within thirty seconds.</exception>
    public Task WaitUntilAsync(string line, string expected) => WaitUntilAsync(Port, line, expected);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        _folder.Dispose();
    }

    internal static async Task WaitUntilAsync(int port, string line, string expected)
    {
        var last = "";
        for (var attempt = 0; attempt < 1500; attempt++)
        {
            last = await TryCommandAsync(port, line, whole: true) ?? "";
            if (last.Contains(expected, StringComparison.Ordinal))
                return;
            await Task.Delay(20);
        }
        throw new TimeoutException($"redis-server on port {port} never answered {line} with {expected}. Last answer: {last}");
    }

    private static async Task<long> OffsetAsync(int port, string name)
    {
        var text = await TryCommandAsync(port, "INFO replication", whole: true) ?? "";
        var line = text.Split("\r\n").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? -1 : long.Parse(line.AsSpan(name.Length), CultureInfo.InvariantCulture);
    }

    private static async Task<string?> TryCommandAsync(int port, string line, bool whole = false)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            await socket.SendAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
            var buffer = new byte[64 * 1024];
            var length = await socket.ReceiveAsync(buffer);
            var text = Encoding.UTF8.GetString(buffer, 0, length);
            return whole ? text : text.Split("\r\n")[0];
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
