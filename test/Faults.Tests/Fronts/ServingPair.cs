using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Fronts;

/// <summary>Two frontends of a grid of one silo, restarted one after the other while they are asked.</summary>
internal sealed class ServingPair : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RedisProcess _redis;
    private readonly SiloProcess _silo;
    private readonly SiloProcessSettings[] _settings;
    private readonly SiloProcess[] _frontends;
    private readonly string _published;

    private ServingPair(RedisProcess redis, SiloProcess silo, SiloProcessSettings[] settings, SiloProcess[] frontends, string published)
    {
        _redis = redis;
        _silo = silo;
        _settings = settings;
        _frontends = frontends;
        _published = published;
    }

    /// <summary>The public ports.</summary>
    public (int First, int Second) Ports => (_settings[0].Port, _settings[1].Port);

    /// <summary>Starts them, or skips the test where there is no Redis.</summary>
    public static async Task<ServingPair> StartOrSkipAsync(TemporaryFolder folder, CancellationToken cancellationToken)
    {
        var published = folder.Below("published");
        var redis = await RedisProcess.StartOrSkipAsync();
        var arguments = new[] { "--config", WriteConfiguration(folder, published) };
        var environment = new Dictionary<string, string>
        {
            ["DIVOLTE_STORE"] = "redis",
            ["DIVOLTE_REDIS"] = redis.Connection,
            ["DIVOLTE_ADDRESS"] = "127.0.0.1",
            ["DIVOLTE_SILO_PORT"] = "0",
            ["DIVOLTE_GATEWAY_PORT"] = "0",
        };
        var silo = await SiloProcess.StartAsync(
            new SiloProcessSettings { DataDirectory = folder.Below("data"), Arguments = arguments, Environment = environment, IsServingHttp = false },
            cancellationToken);
        SiloProcessSettings[] settings = [.. Enumerable.Range(1, 2).Select(number => new SiloProcessSettings
        {
            Program = RepositoryPaths.FrontendProgram,
            DataDirectory = folder.Below($"frontend-{number}"),
            Arguments = arguments,
            Environment = environment,
        })];
        var frontends = await Task.WhenAll(settings.Select(one => SiloProcess.StartAsync(one, cancellationToken)));
        var pair = new ServingPair(redis, silo, settings, frontends, published);
        foreach (var frontend in frontends)
            await pair.WaitUntilReadyAsync(frontend, cancellationToken);
        return pair;
    }

    /// <summary>
    /// Stops the first gracefully, starts it, waits until visitors reach it again, and does the same with the second. That wait is what makes it a rolling
    /// restart: never are both away.
    /// </summary>
    public async Task RestartOneByOneAsync(CancellationToken cancellationToken)
    {
        for (var index = 0; index < _frontends.Length; index++)
        {
            Assert.Equal(143, await _frontends[index].StopAsync(Patience));
            await _frontends[index].DisposeAsync();
            _frontends[index] = await SiloProcess.StartAsync(_settings[index], cancellationToken);
            await WaitUntilReadyAsync(_frontends[index], cancellationToken);
            await WaitForVisitorsAsync(_frontends[index], cancellationToken);
        }
    }

    /// <summary>Stops all and reads what they delivered.</summary>
    public async Task<IReadOnlyList<DeliveredEvent>> StopAndReadAsync(CancellationToken cancellationToken)
    {
        var codes = await Task.WhenAll(_frontends.Select(frontend => frontend.StopAsync(Patience)));
        Assert.All(codes, code => Assert.Equal(143, code));
        await Ledger.WaitUntilNothingPendsAsync(_silo, _ => true, cancellationToken);
        Assert.Equal(143, await _silo.StopAsync(Patience));
        return DeliveredFiles.Read(_published);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var frontend in _frontends)
            await frontend.DisposeAsync();
        await _silo.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static string WriteConfiguration(TemporaryFolder folder, string published) => folder.Write("divolte-collector.conf", $$"""
        divolte {
          global.server { shutdown_delay = 2 seconds, shutdown_timeout = 10 seconds, use_x_forwarded_for = true }
          sources {
            browser { type = browser }
            app { type = json, event_path = /app }
          }
          sinks.files {
            type = hdfs, replication = 1
            file_strategy { working_dir = "{{folder.Below("working")}}", publish_dir = "{{published}}", roll_every = 5 seconds }
          }
          mappings.all { sources = [browser], sinks = [files] }
        }
        """);

    /// <summary>A frontend answers from its first moment on; ready is it when it has found the grid.</summary>
    private Task WaitUntilReadyAsync(SiloProcess frontend, CancellationToken cancellationToken) => WaitAsync(
        frontend,
        "was not ready",
        async http =>
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{frontend.AdminPort}/ready"), cancellationToken);
            return answer.IsSuccessStatusCode;
        },
        cancellationToken);

    private Task WaitForVisitorsAsync(SiloProcess frontend, CancellationToken cancellationToken) => WaitAsync(
        frontend,
        "was not reached by visitors",
        async http =>
        {
            var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{frontend.AdminPort}/metrics"), cancellationToken);
            return metrics.Split('\n')
                .Where(line => line.StartsWith("divolte_events_received", StringComparison.Ordinal))
                .Sum(line => double.Parse(line.Split(' ')[1], provider: null)) >= 100;
        },
        cancellationToken);

    private async Task WaitAsync(SiloProcess frontend, string otherwise, Func<HttpClient, Task<bool>> isReached, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        while (!await isReached(http))
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"The frontend {otherwise} within {Patience}. Its output:\n{frontend.Output}\nThe silo's:\n{_silo.Output}");
            await Task.Delay(50, cancellationToken);
        }
    }
}
