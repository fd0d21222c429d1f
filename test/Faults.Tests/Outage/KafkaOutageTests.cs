using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Outage;

/// <summary>The broker goes away in the middle of a run: clients and the file sink notice nothing, and everything is delivered afterwards.</summary>
public sealed class KafkaOutageTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Needs", "Kafka")]
    public Task BrokerAwayForAWhile_OnlyItsSinksWait() => RunAsync(events: 10_000, outage: TimeSpan.FromSeconds(8));

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public Task BrokerAwayForAMinute_OnlyItsSinksWait() => RunAsync(events: 60_000, outage: TimeSpan.FromSeconds(60));

    private async Task RunAsync(int events, TimeSpan outage)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var seed = TestSeed.Next(output);
        using var kafka = await KafkaBroker.StartOrSkipAsync(cancellationToken, ownBroker: true);
        using var folder = new TemporaryFolder();
        var thread = await WholeThread.PrepareAsync(folder, kafka, cancellationToken);
        var sent = new SentEvents();
        VisitorFleet Fleet(int first, int count, int attempts) => new(new VisitorFleetSettings
        {
            Port = thread.Settings.Port, Seed = seed + first, Events = count, FirstNumber = first, AttemptsMax = attempts,
        }, sent);

        await using var silo = await SiloProcess.StartAsync(thread.Settings, cancellationToken);
        await Fleet(0, events / 4, attempts: 10).RunAsync(cancellationToken);
        kafka.Kill();
        var away = Task.Delay(outage, cancellationToken);
        // A few attempts only, over in a second or two, for a disk that has other things to do: an outage that reached the clients would last for all of its time.
        var during = Fleet(1_000_000, events / 2, attempts: 4);
        await during.RunAsync(cancellationToken);
        output.WriteLine($"without a broker: {during.DescribeWaits()}");
        await Ledger.WaitUntilNothingPendsAsync(silo, sink => sink == "files", cancellationToken);
        await away;
        kafka.Restart();
        await Fleet(2_000_000, events / 4, attempts: 10).RunAsync(cancellationToken);

        await thread.VerifyAsync(silo, sent, output, cancellationToken);
        // Whether the broker came back with open transactions is chance; where it did, the run has shown more.
        foreach (var line in silo.Output.Split('\n').Where(line => line.Contains("the broker takes for ended", StringComparison.Ordinal)))
            output.WriteLine(line);
    }
}
