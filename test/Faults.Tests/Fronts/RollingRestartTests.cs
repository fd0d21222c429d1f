using System.Diagnostics;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Fronts;

/// <summary>
/// Two frontends behind a real nginx or HAProxy, restarted one after the other under load, on the very configurations that <c>compose/front</c> ships. Whatever is
/// in front, nothing acknowledged is lost and every repetition is flagged, whichever frontend gets it; with a front that repeats or checks, no client sees an error.
/// </summary>
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task NginxRoundRobin_LosesNothing() => await RunAsync("round-robin.conf");

    [Fact]
    [Trait("Duration", "Long")]
    public async Task NginxUriHash_LosesNothing() => await RunAsync("uri-hash.conf");

    [Fact]
    public async Task NginxRetry_ShowsNoClientAnError() => Assert.Equal(0, await RunAsync("retry.conf"));

    [Fact]
    public async Task Haproxy_ShowsNoClientAnError() => Assert.Equal(0, await RunAsync("haproxy.cfg"));

    /// <returns>How many answers, or missing answers, were no success in a client's eyes.</returns>
    private async Task<int> RunAsync(string front)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var seed = TestSeed.Next(output);
        using var folder = new TemporaryFolder();
        await using var pair = await ServingPair.StartOrSkipAsync(folder, cancellationToken);
        await using var balancer = await BalancerProcess.StartOrSkipAsync(front, pair.Ports, cancellationToken);
        var sent = new SentEvents();
        var fleet = new VisitorFleet(new VisitorFleetSettings { Port = balancer.Port, Seed = seed, Events = int.MaxValue, Connections = 8 }, sent);
        using var posters = new JsonClients(balancer.Port, "/app", clients: 2);
        var clock = Stopwatch.StartNew();

        var visiting = Task.WhenAll(fleet.RunAsync(cancellationToken), posters.RunAsync(cancellationToken));
        var restarting = pair.RestartOneByOneAsync(cancellationToken);
        await Task.WhenAny(visiting, restarting);
        Assert.False(visiting.IsCompleted, $"The visitors gave up: {visiting.Exception}\n{balancer.Output}");
        await restarting;
        fleet.Finish();
        posters.Finish();
        await visiting;

        var failures = sent.All.Sum(one => one.Sends - one.Acknowledged) + posters.Failures;
        output.WriteLine($"{front}: {sent.All.Count} events and {posters.Answers.Values.Sum()} posts in {clock.Elapsed.TotalSeconds:0.0} s, two restarts; "
            + $"not answered with success: {failures}; posts: {string.Join(", ", posters.Answers.Select(answer => $"{answer.Key} × {answer.Value}"))}");
        output.WriteLine(fleet.DescribeWaits());
        if (failures > 0)
            output.WriteLine(balancer.Output);
        var delivered = await pair.StopAndReadAsync(cancellationToken);
        Assert.Empty(DeliveryComparison.FindBreaches(sent, delivered, isExactlyOnce: false).Take(20));
        // A balancer sends again too, so an event may have more records than its visitor knows of: but one first sight.
        Assert.Empty(delivered.Where(record => !record.IsDuplicate).CountBy(record => record.Number).Where(one => one.Value > 1).Take(20));
        return failures;
    }
}
