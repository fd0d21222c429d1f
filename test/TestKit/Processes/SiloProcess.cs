using System.Collections.Concurrent;
using System.Diagnostics;

namespace Divolte.TestKit.Processes;

/// <summary>A real process of the product, a silo unless its settings name another program, with a data directory of its own, on loopback. Its output is kept for messages about failures.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private readonly bool _isServingHttp;

    private SiloProcess(Process process, SiloProcessSettings settings)
    {
        _process = process;
        _isServingHttp = settings.IsServingHttp;
        Port = settings.Port;
        AdminPort = settings.AdminPort;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>The public HTTP port.</summary>
    public int Port { get; }

    /// <summary>The port for operators.</summary>
    public int AdminPort { get; }

    public int ProcessId => _process.Id;

    /// <summary>Everything that the process wrote so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a silo and waits until it answers <c>/ping</c>, or <c>/ready</c> on the admin port when it has no public one.</summary>
    /// <param name="settings">What to run.</param>
    /// <param name="cancellationToken">Ends the waiting; the process is ended too.</param>
    /// <exception cref="InvalidOperationException">It ended, or did not answer within 60 seconds; the message holds its output.</exception>
    public static async Task<SiloProcess> StartAsync(SiloProcessSettings settings, CancellationToken cancellationToken)
    {
        var silo = Launch(settings);
        try
        {
            await silo.WaitUntilServingAsync(cancellationToken);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo and does not wait.</summary>
    public static SiloProcess Launch(SiloProcessSettings settings)
    {
        string[] command = [.. settings.Before, "dotnet", settings.Program, .. settings.Arguments];
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = settings.WorkingDirectory,
        };
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        start.Environment["DIVOLTE_PORT"] = settings.Port.ToString(provider: null);
        start.Environment["DIVOLTE_ADMIN_PORT"] = settings.AdminPort.ToString(provider: null);
        start.Environment["DIVOLTE_DATA_DIR"] = settings.DataDirectory;
        start.Environment.Remove("DIVOLTE_SILO");
        start.Environment.Remove("DIVOLTE_FRONTEND");
        start.Environment.Remove("DIVOLTE_SILO_NEXT");
        start.Environment.Remove("DIVOLTE_FRONTEND_NEXT");
        start.Environment.Remove("DIVOLTE_TEST_SEED");
        start.Environment.Remove("DIVOLTE_SOAK_MINUTES");
        foreach (var (name, value) in settings.Environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        var silo = new SiloProcess(process, settings);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return silo;
    }

    /// <summary><c>kill -9</c>, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time; the message holds its output.</exception>
    public async Task<int> StopAsync(TimeSpan limit)
    {
        Signal("TERM");
        return await WaitForExitAsync(limit);
    }

    /// <summary>Sends a signal by its name without SIG.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", ProcessId.ToString(provider: null)]);
        kill.WaitForExit();
    }

    /// <summary>Waits until the process ends by itself.</summary>
    /// <exception cref="TimeoutException">It did not end in time; the message holds its output.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The silo did not end within {limit}. Its output:\n{Output}");
        }
        return _process.ExitCode;
    }

    /// <summary>Waits until the process has written a text.</summary>
    /// <exception cref="TimeoutException">It did not in time; the message holds its output.</exception>
    public async Task WaitForOutputAsync(string text, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (clock.Elapsed > limit)
                throw new TimeoutException($"The silo did not write '{text}' within {limit}. Its output:\n{Output}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        while (_output.Count > 2000)
            _output.TryDequeue(out _);
    }

    private async Task WaitUntilServingAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var question = new Uri(_isServingHttp ? $"http://127.0.0.1:{Port}/ping" : $"http://127.0.0.1:{AdminPort}/ready");
        var clock = Stopwatch.StartNew();
        while (!_process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60))
        {
            try
            {
                using var answer = await http.GetAsync(question, cancellationToken);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception trouble) when (trouble is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Not listening yet; the loop is the wait.
            }
            await Task.Delay(20, cancellationToken);
        }
        var state = _process.HasExited ? $"ended with exit code {_process.ExitCode}" : $"did not answer {question} within 60 s";
        throw new InvalidOperationException($"The silo {state}. Its output:\n{Output}");
    }
}

/// <summary>What to run.</summary>
public sealed record SiloProcessSettings
{
    /// <summary>The program's file; the silo's unless named.</summary>
    public string Program { get; init; } = RepositoryPaths.SiloProgram;

    /// <summary>Where journal, progress and default files go.</summary>
    public required string DataDirectory { get; init; }

    public string WorkingDirectory { get; init; } = Path.GetTempPath();

    public int Port { get; init; } = FreePort.Next();

    public int AdminPort { get; init; } = FreePort.Next();

    /// <summary>Whether the public port is expected to open.</summary>
    public bool IsServingHttp { get; init; } = true;

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Words of a command that replaces itself with the program, as <c>ip netns exec</c> does.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
