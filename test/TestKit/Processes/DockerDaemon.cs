using System.Diagnostics;
using Xunit;

namespace Divolte.TestKit.Processes;

/// <summary>
/// A Docker daemon: the one that answers already, else one of the test's own with a folder and socket of its own. Where none can be started, the test is skipped
/// with the reason.
/// </summary>
public sealed class DockerDaemon : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process? _process;
    private readonly TemporaryFolder? _folder;

    private DockerDaemon(Process? process, TemporaryFolder? folder, string? host)
    {
        _process = process;
        _folder = folder;
        Environment = host is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["DOCKER_HOST"] = host };
    }

    /// <summary>What clients need in their environment to find it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Finds or starts one, or skips the running test.</summary>
    public static async Task<DockerDaemon> StartOrSkipAsync(CancellationToken cancellationToken)
    {
        Assert.SkipWhen(!NodePackages.IsThere("docker"), "docker is not installed");
        var found = new DockerDaemon(null, null, null);
        if (await found.AnswersAsync(cancellationToken))
            return found;
        Assert.SkipWhen(!NodePackages.IsThere("dockerd"), "no Docker daemon answers, and dockerd is not installed");
        Assert.SkipWhen(System.Environment.UserName != "root", "no Docker daemon answers, and only root can start one");
        return await StartOwnOrSkipAsync(cancellationToken);
    }

    /// <summary>Runs a client and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0; the message holds its output.</exception>
    public async Task<string> RunAsync(string program, TimeSpan limit, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var all = new Dictionary<string, string>(Environment);
        foreach (var (name, value) in environment)
            all[name] = value;
        var (exitCode, output) = await NodePackages.RunOrSkipAsync(program, RepositoryPaths.Root, limit, all, arguments);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with exit code {exitCode}:\n{output[^Math.Min(output.Length, 4000)..]}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
        {
            using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(provider: null)]))
                await kill.WaitForExitAsync(CancellationToken.None);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        _folder!.Dispose();
    }

    private static async Task<DockerDaemon> StartOwnOrSkipAsync(CancellationToken cancellationToken)
    {
        var folder = new TemporaryFolder();
        var host = $"unix://{folder.Path}/docker.sock";
        var log = Path.Combine(folder.Path, "log");
        var start = new ProcessStartInfo("sh", ["-c", "exec dockerd --data-root \"$0/data\" --exec-root \"$0/run\" --pidfile \"$0/pid\" --host \"$1\" >\"$2\" 2>&1", folder.Path, host, log]);
        var daemon = new DockerDaemon(Process.Start(start)!, folder, host);
        var clock = Stopwatch.StartNew();
        while (!daemon._process!.HasExited && clock.Elapsed < StartLimit)
        {
            if (await daemon.AnswersAsync(cancellationToken))
                return daemon;
            await Task.Delay(100, cancellationToken);
        }
        var lastLine = File.Exists(log) ? File.ReadLines(log).LastOrDefault() : null;
        await daemon.DisposeAsync();
        Assert.Skip($"a Docker daemon cannot run here: {lastLine ?? "it said nothing"}");
        throw new UnreachableException();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (exitCode, _) = await NodePackages.RunOrSkipAsync("docker", RepositoryPaths.Root, TimeSpan.FromSeconds(20), Environment, "version");
        return exitCode == 0;
    }
}
