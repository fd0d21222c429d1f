using System.Diagnostics;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Stateless frontends before real silos, over real Redis and Kafka: silos that are away, die or hang, and frontends that die with a full spool.</summary>
public sealed class FrontendFaultTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task SilosAwayAtStart_EventsWaitInTheSpoolAndAreSentInOrder()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 0, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation);
        var sent = new SentEvents();
        var fleet = frontends.NewFleet(sent, events: 2000, seed: 21);

        await fleet.RunAsync(Cancellation);
        output.WriteLine($"without silos: {fleet.DescribeWaits()}");
        Assert.True(await frontends.CountSpooledAsync("a", Cancellation) >= 2000);
        Assert.All(sent.All, one => Assert.Equal(one.Sends, one.Acknowledged)); // nobody was told 503

        var silo = await grid.AddSiloAsync(Cancellation);
        var catchingUp = Stopwatch.StartNew();
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        output.WriteLine($"the spool was delivered {catchingUp.Elapsed.TotalSeconds:0.0} s after the silo answered");
        await grid.VerifyAsync(silo, sent, Cancellation);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task KilledSilo_NoVisitorWaitsForIt()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation);
        await frontends.StartAsync("b", Cancellation);
        var sent = new SentEvents();
        var fleet = frontends.NewFleet(sent, events: 8000, seed: 22);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(2000, visiting, Cancellation);

        await grid.Silos[1].KillAsync();
        await visiting;

        output.WriteLine($"a silo killed: {fleet.DescribeWaits()}");
        Assert.True(fleet.Waits[^1] < TimeSpan.FromSeconds(3), fleet.DescribeWaits()); // half a second by promise, on a busy machine
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation, isOrdered: false);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task KilledFrontend_ItsSpoolIsSentAfterItsRestart()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 1, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation);
        await frontends.StartAsync("b", Cancellation);
        var sent = new SentEvents();
        var fleet = frontends.NewFleet(sent, events: 6000, seed: 23);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(1000, visiting, Cancellation);

        grid.Silos[0].Signal("STOP"); // calls under way stay without answer, and are answered late
        var hanging = fleet.Done;
        await fleet.WaitForAsync(hanging + 1500, visiting, Cancellation);
        output.WriteLine($"spooled when killed: {await frontends.CountSpooledAsync("a", Cancellation)}");
        await frontends.KillAsync("a");
        frontends.TakeOut("a");
        await fleet.WaitForAsync(hanging + 2000, visiting, Cancellation);
        grid.Silos[0].Signal("CONT");
        await frontends.StartAsync("a", Cancellation);
        await visiting;

        output.WriteLine($"the silo hung and a frontend was killed: {fleet.DescribeWaits()}");
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation, isOrdered: false);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task RedisRestarted_NoVisitorNotices()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation);
        await frontends.StartAsync("b", Cancellation);
        var sent = new SentEvents();
        var fleet = frontends.NewFleet(sent, events: 12_000, seed: 24);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(2000, visiting, Cancellation);

        await redis.KillAsync();
        var away = fleet.Done;
        await fleet.WaitForAsync(away + 1000, visiting, Cancellation);
        await redis.StartAsync();
        await visiting;

        output.WriteLine($"Redis killed: {fleet.DescribeWaits()}");
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation, isOrdered: false);
    }

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task RollingRestartOfEverything_LosesNothing()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation);
        await frontends.StartAsync("b", Cancellation);
        var sent = new SentEvents();
        var fleet = frontends.NewFleet(sent, events: 20_000, seed: 25);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(1000, visiting, Cancellation);

        foreach (var name in new[] { "a", "b" })
        {
            frontends.TakeOut(name);
            var stopping = Stopwatch.StartNew();
            Assert.Equal(143, await frontends.StopAsync(name));
            output.WriteLine($"frontend {name} ended after {stopping.Elapsed.TotalSeconds:0.0} s");
            await frontends.StartAsync(name, Cancellation);
        }
        foreach (var silo in grid.Silos.Take(2).ToList())
        {
            await grid.AddSiloAsync(Cancellation);
            await silo.StopAsync(TimeSpan.FromSeconds(40));
        }
        fleet.Finish();
        await visiting;

        output.WriteLine($"everything restarted: {fleet.DescribeWaits()}");
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        await grid.VerifyAsync(grid.Silos[^1], sent, Cancellation, isOrdered: false);
    }
}
