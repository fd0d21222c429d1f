using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace Divolte.TestKit.Processes;

/// <summary>A real nginx or HAProxy on loopback, on a configuration of <c>compose/front</c> with its two backends and its port replaced.</summary>
public sealed class BalancerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private BalancerProcess(Process process, TemporaryFolder folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>The port for clients.</summary>
    public int Port { get; }

    /// <summary>Everything that it wrote so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts it and waits until a backend answers <c>/ping</c> through it. Skips the test where the program is not installed.</summary>
    /// <param name="file">Name of the file in <c>compose/front</c>; <c>.cfg</c> is HAProxy's, <c>.conf</c> nginx's.</param>
    /// <param name="backends">Ports on loopback, for <c>frontend-1</c> and <c>frontend-2</c>.</param>
    /// <param name="cancellationToken">Ends the waiting; the process is ended too.</param>
    /// <exception cref="InvalidOperationException">It ended, or did not answer in time; the message holds its output.</exception>
    public static async Task<BalancerProcess> StartOrSkipAsync(string file, (int First, int Second) backends, CancellationToken cancellationToken)
    {
        var program = Path.GetExtension(file) == ".cfg" ? "haproxy" : "nginx";
        var path = FindProgram(program);
        Assert.SkipWhen(path is null, $"{program} is not installed");
        var balancer = Launch(path, file, backends);
        try
        {
            await balancer.WaitUntilServingAsync(cancellationToken);
            return balancer;
        }
        catch
        {
            await balancer.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // Both programs end their workers with SIGTERM; a kill would leave them behind.
            using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(provider: null)]))
                await kill.WaitForExitAsync(CancellationToken.None);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        _folder.Dispose();
    }

    private static BalancerProcess Launch(string program, string file, (int First, int Second) backends)
    {
        var folder = new TemporaryFolder();
        var port = FreePort.Next();
        var front = Path.Combine(RepositoryPaths.Root, "compose", "front");
        var text = File.ReadAllText(Path.Combine(front, file));
        text = ReplaceOnce(text, "frontend-1:8290", $"127.0.0.1:{backends.First}");
        text = ReplaceOnce(text, "frontend-2:8290", $"127.0.0.1:{backends.Second}");
        var isNginx = Path.GetFileName(program) == "nginx";
        text = isNginx ? ReplaceOnce(text, "listen 8080;", $"listen 127.0.0.1:{port};") : ReplaceOnce(text, "bind :8080", $"bind 127.0.0.1:{port}");
        var configuration = folder.Write(file, text);
        File.Copy(Path.Combine(front, "html", "50x.html"), Path.Combine(folder.Below("html"), "50x.html"));
        // Workers run as who started it: the test's own folder is closed to others.
        string[] arguments = isNginx ? ["-p", folder.Path + "/", "-c", configuration, "-g", "daemon off; user root root;"] : ["-db", "-f", configuration];
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        var process = new Process { StartInfo = start };
        var balancer = new BalancerProcess(process, folder, port);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return balancer;
    }

    /// <summary>A name that is there twice, or not at all, would leave a part of the configuration untested.</summary>
    private static string ReplaceOnce(string text, string old, string replacement)
    {
        var parts = text.Split(old);
        return parts.Length == 2
            ? string.Join(replacement, parts)
            : throw new InvalidOperationException($"'{old}' is in the configuration {parts.Length - 1} times instead of once.");
    }

    /// <summary>Debian keeps both in a folder that only an administrator's path has.</summary>
    private static string? FindProgram(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin".Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private async Task WaitUntilServingAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var clock = Stopwatch.StartNew();
        while (!_process.HasExited && clock.Elapsed < StartLimit)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{Port}/ping"), cancellationToken);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception trouble) when (trouble is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Not listening yet; the loop is the wait.
            }
            await Task.Delay(20, cancellationToken);
        }
        var state = _process.HasExited ? $"ended with exit code {_process.ExitCode}" : $"did not pass /ping on within {StartLimit}";
        throw new InvalidOperationException($"The balancer {state}. Its output:\n{Output}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        while (_output.Count > 500)
            _output.TryDequeue(out _);
    }
}
