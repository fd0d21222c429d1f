using System.Globalization;
using System.Text.RegularExpressions;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>The weaker level: a Redis that syncs once a second. What it may lose is lost at most, and said; what it keeps is delivered.</summary>
public sealed partial class EverySecondTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task PowerCut_WhatIsLostIsSaidAndSinksStop()
    {
        await using var redis = await StartRedisAsync();
        await using var grid = await StartGridAsync(redis);
        var before = await grid.SendAsync(events: 2000, firstNumber: 0, seed: 91, Cancellation);
        await Ledger.WaitUntilNothingPendsAsync(grid.Silos[0], _ => true, Cancellation);
        var incarnation = await grid.ReadIncarnationAsync(Cancellation);
        var synced = redis.AppendedBytes;
        var risked = await grid.SendAsync(events: 500, firstNumber: 10_000, seed: 92, Cancellation);

        await redis.KillAsync();
        redis.CutAppended(synced);
        await redis.StartAsync();
        var after = await grid.SendAsync(events: 1000, firstNumber: 20_000, seed: 93, Cancellation);

        var lost = CountLost(grid);
        output.WriteLine($"{risked.All.Sum(one => one.Acknowledged)} acknowledged after the last sync; the silos say that {lost} acknowledged events are missing");
        Assert.InRange(lost, risked.All.Sum(one => one.Acknowledged), risked.All.Sum(one => one.Sends));
        Assert.True(await grid.ReadIncarnationAsync(Cancellation) > incarnation);
        await grid.RestartStoppedSinksAsync(Cancellation);
        var delivered = grid.ReadDelivered("least");
        Assert.Empty(DeliveryComparison.FindBreaches(before, delivered, isExactlyOnce: false).Take(10));
        Assert.Empty(DeliveryComparison.FindBreaches(after, delivered, isExactlyOnce: false).Take(10));
    }

    /// <summary>Without a power cut the system keeps what Redis has written; what Redis still held back is missing, and no more than the silos say.</summary>
    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task PausedAndKilledRedis_LosesNoMoreThanIsSaid()
    {
        await using var redis = await StartRedisAsync();
        await using var grid = await StartGridAsync(redis);
        var load = new GridLoad(sent => grid.NewFleet(sent, events: 1_000_000, seed: 94), Cancellation);
        await load.WaitForEventsAsync(2000);

        redis.Signal("STOP");
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation); // longer than every command may take
        redis.Signal("CONT");
        await load.WaitForEventsAsync(2000);
        output.WriteLine($"after the pause: {load.Describe()}");
        Assert.Equal(0, CountLost(grid));

        await redis.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation); // the length of the outage
        await redis.StartAsync();
        await load.WaitForEventsAsync(2000);
        await load.EndAsync();

        var lost = CountLost(grid);
        output.WriteLine($"the silos say that {lost} acknowledged events are missing; {load.Describe()}");
        if (lost == 0)
        {
            await grid.VerifyAsync(grid.Silos[0], load.Sent, Cancellation);
            return;
        }
        await grid.RestartStoppedSinksAsync(Cancellation);
        var delivered = grid.ReadDelivered("least").Select(record => record.Number).ToHashSet();
        Assert.InRange(load.Sent.All.Count(one => one.Acknowledged > 0 && !delivered.Contains(one.Beacon.Number)), 0, lost);
    }

    private static Task<RedisProcess> StartRedisAsync() => RedisProcess.StartOrSkipAsync("--appendfsync", "everysec");

    private Task<SiloGrid> StartGridAsync(RedisProcess redis) =>
        SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation, sync: "everysec");

    private static long CountLost(SiloGrid grid) =>
        grid.Silos.Sum(silo => Losses().Matches(silo.Output).Sum(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));

    [GeneratedRegex(@"Redis came back without ([0-9]+) acknowledged events of this process's shards \(sync = everysec")]
    private static partial Regex Losses();
}
