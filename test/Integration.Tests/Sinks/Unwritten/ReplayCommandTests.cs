using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Integration.Tests.Sinks.Unwritten;

/// <summary><c>sinks replay</c> against a real server's dead letters, before and after their mapping was mended.</summary>
public sealed class ReplayCommandTests : IDisposable
{
    private const int Bad = 3;
    private const int All = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly StrictMapping _mapping;
    private SiloProcessSettings _server;

    public ReplayCommandTests()
    {
        _mapping = new StrictMapping(_folder);
        _server = Settings();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MendedMapping_GetsItsDeadLettersAndNobodyElseDoes()
    {
        await RunServerAsync(async silo =>
        {
            await SendAsync(silo);
            await WaitForRecordsAsync(silo, "strict", All - Bad);
            await WaitForRecordsAsync(silo, "plain", All);
            await WaitForLettersAsync(silo, Bad);
        });

        var (failing, failures) = await CommandAsync("--dry-run");
        Assert.Equal(1, failing);
        Assert.Contains($"{Bad} letters of sink strict, mapping strict: still makes no record; stays", failures, StringComparison.Ordinal);

        _mapping.Mend();
        var (dryRun, listed) = await CommandAsync("--dry-run");
        Assert.Equal(0, dryRun);
        Assert.Contains($"{Bad} letters of sink strict, mapping strict: would be replayed", listed, StringComparison.Ordinal);
        Assert.Equal(Bad, LetterCount());

        var (replayed, output) = await CommandAsync("strict", "--mapping", "strict", "--reason", "unmappable");
        Assert.True(replayed == 0, output);
        Assert.Contains($"{Bad} letters are back in the journal.", output, StringComparison.Ordinal);

        await RunServerAsync(silo => WaitForRecordsAsync(silo, "strict", All));
        Assert.Equal(All, DeliveredFiles.Read(_mapping.PublishedOf("strict")).Select(record => record.Number).Distinct().Count());
        Assert.Equal(All, DeliveredFiles.Read(_mapping.PublishedOf("plain")).Count);
        var (again, nothing) = await CommandAsync();
        Assert.Equal(0, again);
        Assert.Contains("There are no dead letters.", nothing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunningServer_IsNotDisturbed()
    {
        await RunServerAsync(async silo =>
        {
            await SendAsync(silo);
            await WaitForLettersAsync(silo, Bad);

            var (exitCode, output) = await CommandAsync();
            Assert.Equal(1, exitCode);
            Assert.Contains($"is in use by process {silo.ProcessId}", output, StringComparison.Ordinal);
            Assert.Contains("A replay needs a stopped server", output, StringComparison.Ordinal);

            var (dryRun, listed) = await CommandAsync("--dry-run");
            Assert.Equal(1, dryRun);
            Assert.Contains("still makes no record", listed, StringComparison.Ordinal);
        });
        Assert.Equal(Bad, LetterCount());
    }

    [Fact]
    public async Task GridThatRuns_DeliversItsDeadLettersAtOnce()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        _server = InGrid(redis);
        await RunServerAsync(async silo =>
        {
            await SendAsync(silo);
            await WaitForLettersAsync(silo, Bad);
        });
        _mapping.Mend();

        await RunServerAsync(async silo =>
        {
            var (exitCode, output) = await CommandAsync();

            Assert.True(exitCode == 0, output);
            Assert.Contains("The silos deliver what is back in the journal", output, StringComparison.Ordinal);
            await WaitForRecordsAsync(silo, "strict", All);
        });
        Assert.Equal(All, DeliveredFiles.Read(_mapping.PublishedOf("strict")).Select(record => record.Number).Distinct().Count());
        Assert.Equal(All, DeliveredFiles.Read(_mapping.PublishedOf("plain")).Count);
        Assert.Equal(0, LetterCount());
    }

    [Fact]
    public async Task GridThatIsStopped_DeliversItsDeadLettersWhenItStarts()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        _server = InGrid(redis);
        await RunServerAsync(async silo =>
        {
            await SendAsync(silo);
            await WaitForLettersAsync(silo, Bad);
        });
        _mapping.Mend();

        var (exitCode, output) = await CommandAsync();
        Assert.True(exitCode == 0, output);

        await RunServerAsync(silo => WaitForRecordsAsync(silo, "strict", All));
        Assert.Equal(All, DeliveredFiles.Read(_mapping.PublishedOf("strict")).Count);
    }

    [Fact]
    public async Task CurrentFileOfAGridThatRuns_IsTakenWhenItsLastLetterIsAFewSecondsOld()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        _server = InGrid(redis);
        await RunServerAsync(async silo =>
        {
            await SendAsync(silo);
            await WaitForLettersAsync(silo, Bad);
            var (early, refusal) = await CommandAsync();
            Assert.Equal(1, early);
            Assert.Contains("is being written by another process", refusal, StringComparison.Ordinal);

            // The command looks with the mended mapping, the silo still has the old one: what comes back becomes a dead letter again.
            _mapping.Mend();
            var (exitCode, output) = (1, "");
            for (var attempt = 0; exitCode != 0 && attempt < 20; attempt++)
                (exitCode, output) = await CommandAsync();
            Assert.True(exitCode == 0, output);
            await WaitForLettersAsync(silo, Bad);
        });
        Assert.Equal(All - Bad, DeliveredFiles.Read(_mapping.PublishedOf("strict")).Count);
    }

    [Fact]
    public async Task RedisThatIsAway_IsToldInOneLine()
    {
        _server = _server with { Environment = new Dictionary<string, string> { ["DIVOLTE_STORE"] = "redis", ["DIVOLTE_REDIS"] = "127.0.0.1:1,connectTimeout=100" } };

        var (exitCode, output) = await CommandAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith("divolte: Redis", output.Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownSink_IsToldWithThoseThereAre()
    {
        var (exitCode, output) = await CommandAsync("kafka", "--dry-run");

        Assert.Equal(1, exitCode);
        Assert.Contains("no active sink 'kafka' in this configuration; active: strict, plain", output, StringComparison.Ordinal);
    }

    private static async Task SendAsync(SiloProcess silo)
    {
        using var connection = new BeaconConnection(silo.Port, TimeSpan.FromSeconds(30));
        for (var number = 0; number < All; number++)
        {
            var beacon = Beacon.PageView("/csc-event", "0:i1t84hgy:replayreplayreplayreplayreplay00", "0:i1t84hgy:session", number, 1732320000000, padding: number < Bad ? 0 : 10);
            Assert.Equal(200, await connection.SendAsync(beacon, TestContext.Current.CancellationToken));
        }
    }

    private async Task RunServerAsync(Func<SiloProcess, Task> use)
    {
        await using var silo = await SiloProcess.StartAsync(_server, TestContext.Current.CancellationToken);
        await use(silo);
        Assert.Equal(143, await silo.StopAsync(TimeSpan.FromSeconds(60)));
    }

    private Task WaitForRecordsAsync(SiloProcess silo, string sink, int count) =>
        WaitAsync(silo, $"{count} records of {sink}", () => DeliveredFiles.Read(_mapping.PublishedOf(sink)).Count, count);

    private Task WaitForLettersAsync(SiloProcess silo, int count) => WaitAsync(silo, $"{count} dead letters", LetterCount, count);

    private static async Task WaitAsync(SiloProcess silo, string what, Func<int> found, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (found() < count)
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{what} were awaited for a minute, {found()} came. Output:\n{silo.Output}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private int LetterCount()
    {
        var directory = Path.Combine(_server.DataDirectory, "dead-letters");
        return Directory.Exists(directory) ? Directory.GetFiles(directory, "*.jsonl").Sum(file => File.ReadLines(file).Count()) : 0;
    }

    private async Task<(int ExitCode, string Output)> CommandAsync(params string[] words)
    {
        await using var process = SiloProcess.Launch(
            Settings() with { Arguments = ["sinks", "replay", .. words, "--config", _mapping.Configuration], Environment = _server.Environment });
        return (await process.WaitForExitAsync(TimeSpan.FromSeconds(60)), process.Output);
    }

    private SiloProcessSettings InGrid(RedisProcess redis) => _server with
    {
        Environment = new Dictionary<string, string>
        {
            ["DIVOLTE_STORE"] = "redis",
            ["DIVOLTE_REDIS"] = redis.Connection,
            ["DIVOLTE_ADDRESS"] = "127.0.0.1",
            ["DIVOLTE_SILO_PORT"] = "0",
            ["DIVOLTE_GATEWAY_PORT"] = "0",
            ["DIVOLTE_HTTP"] = "on",
        },
    };

    private SiloProcessSettings Settings() => new()
    {
        DataDirectory = _folder.Below("data"), WorkingDirectory = _folder.Path, Arguments = ["--config", _mapping.Configuration],
    };
}
