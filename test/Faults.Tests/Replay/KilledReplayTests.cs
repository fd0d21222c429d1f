using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Replay;

/// <summary><c>kill -9</c> of <c>sinks replay</c> at seeded moments, with the server stopped, or beside a silo that runs: every dead letter goes back once.</summary>
public sealed class KilledReplayTests(ITestOutputHelper output)
{
    private const int Events = 8000;
    private const int Kills = 8;

    [Fact]
    public Task ReplayKilledOverAndOver_PutsEveryLetterBackOnce() => RunAsync(new Dictionary<string, string>(), isRunning: false);

    [Fact]
    public async Task ReplayKilledBesideARunningSilo_PutsEveryLetterBackOnce()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await RunAsync(
            new Dictionary<string, string>
            {
                ["DIVOLTE_STORE"] = "redis",
                ["DIVOLTE_REDIS"] = redis.Connection,
                ["DIVOLTE_ADDRESS"] = "127.0.0.1",
                ["DIVOLTE_SILO_PORT"] = "0",
                ["DIVOLTE_GATEWAY_PORT"] = "0",
                ["DIVOLTE_HTTP"] = "on",
            },
            isRunning: true);
    }

    private async Task RunAsync(Dictionary<string, string> environment, bool isRunning)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var seed = TestSeed.Next(output);
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var mapping = new StrictMapping(folder);
        var server = new SiloProcessSettings { DataDirectory = folder.Below("data"), Arguments = ["--config", mapping.Configuration], Environment = environment };
        var sent = new SentEvents();
        await using (var silo = await SiloProcess.StartAsync(server, cancellationToken))
        {
            var fleet = new VisitorFleet(new VisitorFleetSettings { Port = server.Port, Seed = seed, Events = Events }, sent);
            await fleet.RunAsync(cancellationToken);
            output.WriteLine($"every event becomes a dead letter: {fleet.DescribeWaits()}");
            var written = await Ledger.WaitUntilNothingPendsAsync(silo, _ => true, cancellationToken);
            Assert.Equal(0, written["strict"]);
            Assert.Equal(143, await silo.StopAsync(TimeSpan.FromSeconds(60)));
        }
        mapping.Mend();
        await using var during = isRunning ? await SiloProcess.StartAsync(server, cancellationToken) : null;

        var cuts = 0;
        for (var kill = 0; kill < Kills; kill++)
            cuts += await ReplayAndKillAsync(mapping, server, random, cancellationToken) ? 1 : 0;
        Assert.True(cuts > 0, "No kill came while letters went back: the run has shown nothing.");
        await using (var replay = Launch(mapping, server))
            Assert.True(await replay.WaitForExitAsync(TimeSpan.FromSeconds(120)) == 0, replay.Output);

        await using var later = isRunning ? null : await SiloProcess.StartAsync(server, cancellationToken);
        var again = (during ?? later)!;
        var ledger = await Ledger.WaitUntilNothingPendsAsync(again, _ => true, cancellationToken);
        Assert.Equal(143, await again.StopAsync(TimeSpan.FromSeconds(60)));
        foreach (var sink in new[] { "strict", "plain" })
        {
            var delivered = DeliveredFiles.Read(mapping.PublishedOf(sink));
            output.WriteLine($"{sink}: {sent.All.Sum(e => e.Sends)} sends, {delivered.Count} records");
            Assert.Empty(DeliveryComparison.FindBreaches(sent, delivered, isExactlyOnce: true).Take(20));
            Assert.Equal(ledger[sink], delivered.Count);
        }
    }

    /// <summary>Kills a replay a moment after it has begun to part a file, or to put letters back; the files show when. One that is done before is not killed.</summary>
    /// <returns>Whether it was killed while letters went back.</returns>
    private async Task<bool> ReplayAndKillAsync(StrictMapping mapping, SiloProcessSettings server, Random random, CancellationToken cancellationToken)
    {
        var letters = Path.Combine(server.DataDirectory, "dead-letters");
        var sign = random.Next(3) == 0 ? "*.new" : "*.replaying-*.lock";
        foreach (var left in Directory.GetFiles(letters, "*.new").Concat(Directory.GetFiles(letters, "*.replaying-*.lock")))
            File.Delete(left); // what an earlier kill has left would be taken for the sign
        var delay = TimeSpan.FromMilliseconds(random.Next(0, 120));
        await using var replay = Launch(mapping, server);
        var end = replay.WaitForExitAsync(TimeSpan.FromSeconds(120));
        while (!end.IsCompleted && Directory.GetFiles(letters, sign).Length == 0)
            await Task.Delay(1, cancellationToken);
        await Task.WhenAny(end, Task.Delay(delay, cancellationToken));
        if (!end.IsCompleted)
            await replay.KillAsync();
        var exitCode = await end;
        var onTheirWay = Directory.GetFiles(letters, "*.replaying-*").Count(file => !file.EndsWith(".lock", StringComparison.Ordinal));
        output.WriteLine($"{(exitCode == 0 ? "done" : "killed")}, sign {sign}, {onTheirWay} files on their way: {replay.Output.Replace("\n", "; ", StringComparison.Ordinal)}");
        return exitCode != 0 && onTheirWay > 0;
    }

    private static SiloProcess Launch(StrictMapping mapping, SiloProcessSettings server) =>
        SiloProcess.Launch(server with { Arguments = ["sinks", "replay", "--config", mapping.Configuration] });
}
