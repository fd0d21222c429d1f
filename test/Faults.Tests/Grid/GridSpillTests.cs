using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>
/// The broker hangs until the backlog of its sinks is beyond their maximum and lies in the grid's spill files, while another sink goes on. Meanwhile, and while
/// the files are emptied again, silos are killed, and one that was taken for dead goes on.
/// </summary>
public sealed class GridSpillTests(ITestOutputHelper output)
{
    private const int Parts = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task SpilledBacklog_SurvivesTheSilosThatWriteAndReadIt()
    {
        var seed = TestSeed.Next(output);
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation, isSpilling: true);
        var load = new GridLoad(sent => grid.NewFleet(sent, events: 500_000, seed, padding: 1000), Cancellation);
        await load.WaitForEventsAsync(500);
        var (first, killed, frozen) = (grid.Silos[0], grid.Silos[1], grid.Silos[2]);

        grid.Kafka.Pause();
        await Ledger.WaitForSpilledAsync(first, Parts << 20, Cancellation);
        grid.TakeOut(killed);
        await killed.KillAsync();
        output.WriteLine($"{load.Done} events when a silo was killed that spilled");
        await load.WaitForEventsAsync(1000);
        grid.TakeOut(frozen);
        frozen.Signal("STOP");
        await SiloGrid.WaitForShardsAsync(first, silos: 1, Cancellation);
        await grid.AddSiloAsync(Cancellation);
        await load.WaitForEventsAsync(1000);
        frozen.Signal("CONT");
        await load.WaitForEventsAsync(1000);
        await Ledger.WaitForSpilledAsync(first, 2 * Parts << 20, Cancellation);
        await Ledger.WaitUntilWrittenAsync(first, "files", load.Done, Cancellation);
        output.WriteLine($"{load.Done} events when the broker went on, {load.Describe()}");

        grid.Kafka.Resume();
        await load.WaitForEventsAsync(200);
        var draining = grid.Silos[^1];
        grid.TakeOut(draining);
        await draining.KillAsync();
        output.WriteLine($"spilled when a silo was killed that drained: {await Ledger.ReadSpilledAsync(first, Cancellation)} bytes");
        await load.WaitForEventsAsync(500);
        await load.EndAsync();

        output.WriteLine(load.Describe());
        await grid.VerifyAsync(first, load.Sent, Cancellation);
    }
}
