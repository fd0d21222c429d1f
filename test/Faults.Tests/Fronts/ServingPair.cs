using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Fronts;

/// <summary>Two servers behind a balancer, restarted one after the other while they are asked.</summary>
internal sealed class ServingPair : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SiloProcessSettings[] _settings;
    private readonly SiloProcess[] _processes;
    private readonly string[] _published;

    private ServingPair(SiloProcessSettings[] settings, SiloProcess[] processes, string[] published)
    {
        _settings = settings;
        _processes = processes;
        _published = published;
    }

    /// <summary>The public ports.</summary>
    public (int First, int Second) Ports => (_settings[0].Port, _settings[1].Port);

    public static async Task<ServingPair> StartAsync(TemporaryFolder folder, CancellationToken cancellationToken)
    {
        string[] published = [folder.Below("published-1"), folder.Below("published-2")];
        SiloProcessSettings[] settings = [SettingsOf(folder, 1, published[0]), SettingsOf(folder, 2, published[1])];
        var processes = await Task.WhenAll(settings.Select(one => SiloProcess.StartAsync(one, cancellationToken)));
        return new ServingPair(settings, processes, published);
    }

    /// <summary>
    /// Stops the first gracefully, starts it, waits until visitors reach it again, and does the same with the second. That wait is what makes it a rolling
    /// restart: never are both away.
    /// </summary>
    public async Task RestartOneByOneAsync(CancellationToken cancellationToken)
    {
        for (var index = 0; index < _processes.Length; index++)
        {
            Assert.Equal(143, await _processes[index].StopAsync(Patience));
            await _processes[index].DisposeAsync();
            _processes[index] = await SiloProcess.StartAsync(_settings[index], cancellationToken);
            await WaitForVisitorsAsync(_processes[index], cancellationToken);
        }
    }

    /// <summary>Stops both and reads what they delivered.</summary>
    public async Task<IReadOnlyList<DeliveredEvent>> StopAndReadAsync()
    {
        var codes = await Task.WhenAll(_processes.Select(process => process.StopAsync(Patience)));
        Assert.All(codes, code => Assert.Equal(143, code));
        return [.. _published.SelectMany(DeliveredFiles.Read)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
    }

    private static SiloProcessSettings SettingsOf(TemporaryFolder folder, int number, string published)
    {
        var configuration = folder.Write($"server-{number}.conf", $$"""
            divolte {
              global.server { shutdown_delay = 2 seconds, shutdown_timeout = 10 seconds, use_x_forwarded_for = true }
              sources {
                browser { type = browser }
                app { type = json, event_path = /app }
              }
              sinks.files {
                type = hdfs, replication = 1
                file_strategy { working_dir = "{{folder.Below($"working-{number}")}}", publish_dir = "{{published}}", roll_every = 5 seconds }
              }
              mappings.all { sources = [browser], sinks = [files] }
            }
            """);
        return new SiloProcessSettings { DataDirectory = folder.Below($"data-{number}"), Arguments = ["--config", configuration] };
    }

    private static async Task WaitForVisitorsAsync(SiloProcess process, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        while (await ReceivedAsync(http, process, cancellationToken) < 100)
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"No visitor reached the restarted server within {Patience}. Its output:\n{process.Output}");
            await Task.Delay(50, cancellationToken);
        }
    }

    private static async Task<double> ReceivedAsync(HttpClient http, SiloProcess process, CancellationToken cancellationToken)
    {
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{process.AdminPort}/metrics"), cancellationToken);
        return metrics.Split('\n')
            .Where(line => line.StartsWith("divolte_events_received", StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], provider: null));
    }
}
