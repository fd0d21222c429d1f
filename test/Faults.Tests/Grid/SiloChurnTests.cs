using System.Diagnostics;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Silos that join, leave, die and come back from the dead, under load.</summary>
public sealed class SiloChurnTests(ITestOutputHelper output)
{
    private static readonly TimeSpan PromiseMargin = TimeSpan.FromSeconds(10); // what a busy machine may add to a promise

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task RepetitionsAtOtherSilos_AreFlaggedAndAJoiningSiloTakesItsShare()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 6000, seed: 11);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(1000, visiting, Cancellation);

        await grid.AddSiloAsync(Cancellation);
        var moving = Stopwatch.StartNew();
        await UntilAsync(async () => (await SiloGrid.CountShardsAsync(grid.Silos[0], Cancellation)).Count == 3, "three silos hold shards");
        output.WriteLine($"shards moved {moving.Elapsed.TotalSeconds:0.0} s after the silo answered: {await DescribeShardsAsync(grid)}");
        await visiting;

        output.WriteLine(fleet.DescribeWaits());
        await UntilAsync(async () => (await SiloGrid.CountShardsAsync(grid.Silos[0], Cancellation)).Values.Min() >= 10, "each silo holds its share");
        output.WriteLine(await DescribeShardsAsync(grid));
        await UntilWritersAreAsync(grid, [2, 1, 1]);
        output.WriteLine($"writers had moved {moving.Elapsed.TotalSeconds:0.0} s after the silo answered");
        await grid.VerifyAsync(grid.Silos[2], sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task WritersOfSinks_SpreadEvenlyAfterEveryJoinAndLeave()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 1, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 12_000, seed: 16);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(500, visiting, Cancellation);

        foreach (var expected in new int[][] { [2, 2], [2, 1, 1], [1, 1, 1, 1] })
        {
            await grid.AddSiloAsync(Cancellation);
            await UntilWritersAreAsync(grid, expected);
        }
        foreach (var (silo, expected) in new[] { (grid.Silos[1], new[] { 2, 1, 1 }), (grid.Silos[3], [2, 2]) })
        {
            grid.TakeOut(silo);
            await silo.StopAsync(TimeSpan.FromSeconds(40));
            await UntilWritersAreAsync(grid, expected);
        }
        await visiting;

        output.WriteLine(fleet.DescribeWaits());
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task KilledSilo_IsReplacedAndNothingAcknowledgedIsLost()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 8000, seed: 12);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(2000, visiting, Cancellation);

        var victim = grid.Silos[1];
        await victim.KillAsync();
        grid.TakeOut(victim);
        await visiting;

        output.WriteLine(fleet.DescribeWaits());
        Assert.True(fleet.Waits[^1] < TimeSpan.FromSeconds(5) + PromiseMargin, fleet.DescribeWaits());
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task StoppedSilo_HandsOver()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 8000, seed: 13);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(2000, visiting, Cancellation);

        var leaving = grid.Silos[1];
        var stopping = Stopwatch.StartNew();
        var code = await leaving.StopAsync(TimeSpan.FromSeconds(40));
        grid.TakeOut(leaving);
        output.WriteLine($"the silo ended after {stopping.Elapsed.TotalSeconds:0.0} s with exit code {code}");
        await visiting;

        output.WriteLine(fleet.DescribeWaits());
        Assert.Contains(code, new[] { 0, 143 });
        Assert.True(fleet.Waits[^1] < TimeSpan.FromSeconds(1) + PromiseMargin, fleet.DescribeWaits());
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task SiloThatComesBackFromTheDead_WritesNothing()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 12_000, seed: 14);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(2000, visiting, Cancellation);

        var zombie = grid.Silos[1];
        zombie.Signal("STOP");
        grid.TakeOut(zombie);
        await SiloGrid.WaitForShardsAsync(grid.Silos[0], silos: 2, Cancellation);
        zombie.Signal("CONT");
        var code = await zombie.WaitForExitAsync(TimeSpan.FromSeconds(60));
        output.WriteLine($"the zombie ended with exit code {code}");
        await visiting;

        output.WriteLine(fleet.DescribeWaits());
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task TwoOfThreeKilled_TheLastOneGoesOn()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 8000, seed: 15);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(2000, visiting, Cancellation);

        foreach (var victim in grid.Silos.Skip(1).ToList())
        {
            await victim.KillAsync();
            grid.TakeOut(victim);
        }
        await visiting;

        output.WriteLine(fleet.DescribeWaits());
        Assert.True(fleet.Waits[^1] < TimeSpan.FromSeconds(10) + PromiseMargin, fleet.DescribeWaits());
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation);
    }

    private static async Task<string> DescribeShardsAsync(SiloGrid grid) =>
        string.Join(", ", (await SiloGrid.CountShardsAsync(grid.Silos[0], Cancellation)).Select(pair => $"{pair.Key}: {pair.Value}"));

    /// <summary>Waits until the silos write so many of the four queues of each sink.</summary>
    private async Task UntilWritersAreAsync(SiloGrid grid, int[] expected)
    {
        var clock = Stopwatch.StartNew();
        var last = "";
        while (clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            var writers = await SiloGrid.CountWritersAsync(grid.Silos[0], Cancellation);
            last = string.Join("; ", writers.Select(sink => $"{sink.Key}: {string.Join('/', sink.Value)}"));
            if (writers.Count == 2 && writers.Values.All(counts => counts.SequenceEqual(expected)))
            {
                output.WriteLine($"writers {last} after {clock.Elapsed.TotalSeconds:0.0} s");
                return;
            }
            await Task.Delay(200, Cancellation);
        }
        Assert.Fail($"Not within half a minute: {string.Join('/', expected)} queues of each sink. Last: {last}");
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        for (var attempt = 0; attempt < 240; attempt++)
        {
            if (await isSo())
                return;
            await Task.Delay(500, Cancellation);
        }
        Assert.Fail($"Not within two minutes: {what}.");
    }
}
