using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>The grid's store is killed, hangs, and is replaced by a replica that lags behind.</summary>
public sealed class StoreFailureTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task KilledAndPausedRedis_LosesNothingAcknowledged()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 8000, seed: 21);
        var visiting = fleet.RunAsync(Cancellation);

        await fleet.WaitForAsync(2000, visiting, Cancellation);
        await redis.KillAsync();
        output.WriteLine($"Redis killed with {fleet.Done} events acknowledged");
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // the length of the outage
        await redis.StartAsync();
        await fleet.WaitForAsync(4000, visiting, Cancellation);
        redis.Signal("STOP");
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation); // longer than every command may take
        redis.Signal("CONT");
        await visiting;

        output.WriteLine(fleet.DescribeWaits());
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task LaggingReplicaThatTakesOver_StopsTheSinksAndSaysWhatIsLost()
    {
        await using var primary = await RedisProcess.StartOrSkipAsync();
        await using var replica = await RedisProcess.StartOrSkipAsync();
        await replica.CommandAsync($"REPLICAOF 127.0.0.1 {primary.Port}");
        await replica.WaitUntilAsync("INFO replication", "master_link_status:up");
        await using var grid = await SiloGrid.StartOrSkipAsync($"{primary.Connection},{replica.Connection}", silos: 2, output, Cancellation);
        var before = await grid.SendAsync(events: 2000, firstNumber: 0, seed: 22, Cancellation);
        await Ledger.WaitUntilNothingPendsAsync(grid.Silos[0], _ => true, Cancellation);
        var incarnation = await grid.ReadIncarnationAsync(Cancellation);
        await primary.WaitForReplicaAsync(replica);
        replica.Signal("STOP");
        await primary.CommandAsync("CLIENT KILL TYPE replica"); // otherwise the system would deliver to it what is sent from now on
        await grid.SendAsync(events: 500, firstNumber: 10_000, seed: 23, Cancellation);

        await primary.KillAsync();
        replica.Signal("CONT");
        await replica.WaitUntilAsync("REPLICAOF NO ONE", "OK");
        var after = await grid.SendAsync(events: 1000, firstNumber: 20_000, seed: 24, Cancellation);

        Assert.True(await grid.ReadIncarnationAsync(Cancellation) > incarnation);
        Assert.Contains(grid.Silos, silo => silo.Output.Contains("acknowledged events of this process's shards", StringComparison.Ordinal));
        await grid.RestartStoppedSinksAsync(Cancellation);
        var delivered = grid.ReadDelivered("least");
        Assert.Empty(DeliveryComparison.FindBreaches(before, delivered, isExactlyOnce: false).Take(10));
        Assert.Empty(DeliveryComparison.FindBreaches(after, delivered, isExactlyOnce: false).Take(10));
    }
}
