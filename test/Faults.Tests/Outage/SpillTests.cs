using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Outage;

/// <summary>
/// The broker is away until the backlog of its sinks is beyond their maximum and lies in spill files; the process is killed before, while and after that.
/// </summary>
public sealed class SpillTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task SpilledBacklog_SurvivesKillsAndIsDelivered()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var seed = TestSeed.Next(output);
        using var kafka = await KafkaBroker.StartOrSkipAsync(cancellationToken, ownBroker: true);
        using var folder = new TemporaryFolder();
        var thread = await WholeThread.PrepareAsync(folder, kafka, cancellationToken, kafkaSink: "backlog_maximum = 1 MiB");
        var sent = new SentEvents();
        async Task SendAsync(string when, int first, int count)
        {
            var fleet = new VisitorFleet(
                new VisitorFleetSettings { Port = thread.Settings.Port, Seed = seed + first, Events = count, FirstNumber = first, AttemptsMax = 50, Padding = 500 },
                sent);
            await fleet.RunAsync(cancellationToken);
            output.WriteLine($"{when}: {fleet.DescribeWaits()}");
        }

        await using (var first = await SiloProcess.StartAsync(thread.Settings, cancellationToken))
        {
            await SendAsync("with a broker", 0, 1000);
            kafka.Kill();
            await SendAsync("without one, until the backlog is spilled", 1_000_000, 4000);
            await Ledger.WaitForSpilledAsync(first, 4 << 20, cancellationToken);
            await first.KillAsync();
        }
        await using (var second = await SiloProcess.StartAsync(thread.Settings, cancellationToken))
        {
            await SendAsync("the same, started again", 2_000_000, 3000);
            await Ledger.WaitForSpilledAsync(second, 8 << 20, cancellationToken);
            kafka.Restart();
            await SendAsync("while spill files are read", 3_000_000, 500);
            await second.KillAsync();
        }
        await using var third = await SiloProcess.StartAsync(thread.Settings, cancellationToken);

        await thread.VerifyAsync(third, sent, output, cancellationToken);
    }
}
