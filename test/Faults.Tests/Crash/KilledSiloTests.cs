using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Crash;

/// <summary>
/// <c>kill -9</c> at seeded moments while visitors send, then the ids sent are compared with the ids in files and in Kafka. Repeat a run with
/// <c>DIVOLTE_TEST_SEED</c>.
/// </summary>
public sealed class KilledSiloTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Needs", "Kafka")]
    public Task KilledThreeTimes_NothingLostAndRepetitionsFlagged() => RunAsync(events: 20_000, kills: 3);

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public Task KilledOverAndOver_NothingLostAndRepetitionsFlagged() => RunAsync(events: 100_000, kills: 8);

    private async Task RunAsync(int events, int kills)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var seed = TestSeed.Next(output);
        var random = new Random(seed);
        using var kafka = await KafkaBroker.StartOrSkipAsync(cancellationToken);
        using var folder = new TemporaryFolder();
        var thread = await WholeThread.PrepareAsync(folder, kafka, cancellationToken);
        var sent = new SentEvents();
        var fleet = new VisitorFleet(new VisitorFleetSettings { Port = thread.Settings.Port, Seed = seed, Events = events }, sent);
        // Kills are spread over the run by progress, not by the clock, so that a slow machine sees the same schedule.
        var killAt = Enumerable.Range(1, kills).Select(k => (long)(events * (k - random.NextDouble() * 0.8) / (kills + 1))).ToArray();

        var silo = await SiloProcess.StartAsync(thread.Settings, cancellationToken);
        try
        {
            var visiting = fleet.RunAsync(cancellationToken);
            foreach (var moment in killAt)
            {
                while (fleet.Done < moment && !visiting.IsCompleted)
                    await Task.Delay(5, cancellationToken);
                if (visiting.IsFaulted)
                    await visiting;
                await silo.KillAsync();
                output.WriteLine($"killed with {fleet.Done} of {events} events acknowledged");
                await silo.DisposeAsync();
                silo = await SiloProcess.StartAsync(thread.Settings, cancellationToken);
            }
            await visiting;
            output.WriteLine(fleet.DescribeWaits());
            await thread.VerifyAsync(silo, sent, output, cancellationToken);
        }
        finally
        {
            output.WriteLine(silo.Output[^Math.Min(silo.Output.Length, 4000)..]);
            await silo.DisposeAsync();
        }
    }
}
