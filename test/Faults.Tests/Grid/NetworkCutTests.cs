using System.Diagnostics;
using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests.Grid;

/// <summary>A silo that lives, takes visitors and reaches Kafka, but neither Redis nor the other silos.</summary>
public sealed class NetworkCutTests(ITestOutputHelper output)
{
    private static readonly TimeSpan CutLength = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task SiloCutOffForTwentySeconds_ItsLateWritesFail()
    {
        var (http, admin, silo, gateway) = (FreePort.Lasting(), FreePort.Lasting(), FreePort.Lasting(), FreePort.Lasting());
        using var network = SeparateNetwork.CreateOrSkip(http, admin, silo, gateway);
        await using var redis = await RedisProcess.StartOrSkipAsync("--protected-mode", "no"); // the silo comes from an address that is not of loopback
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation);
        var lonely = await grid.AddSiloAsync(Cancellation, settings => settings with
        {
            Before = network.Before,
            Port = http,
            AdminPort = admin,
            Environment = settings.Environment
                .Concat(new Dictionary<string, string> { ["DIVOLTE_SILO_PORT"] = $"{silo}", ["DIVOLTE_GATEWAY_PORT"] = $"{gateway}" })
                .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Last().Value),
        });
        await SiloGrid.WaitForShardsAsync(grid.Silos[0], silos: 3, Cancellation);
        var load = new GridLoad(sent => grid.NewFleet(sent, events: 1_000_000, seed: 61), Cancellation);
        await load.WaitForEventsAsync(2000);

        network.Cut(butFor: [http, admin, int.Parse(grid.Kafka.Bootstrap.Split(':')[1], provider: null)]);
        var cut = Stopwatch.StartNew();
        await SiloGrid.WaitForShardsAsync(grid.Silos[0], silos: 2, Cancellation);
        output.WriteLine($"the others hold all shards {cut.Elapsed.TotalSeconds:0.0} s after the cut; {load.Describe()}");
        await Task.Delay(CutLength - cut.Elapsed > TimeSpan.Zero ? CutLength - cut.Elapsed : TimeSpan.Zero, Cancellation); // the length of the cut
        output.WriteLine($"healed after {cut.Elapsed.TotalSeconds:0.0} s; {load.Describe()}");
        network.Heal();
        var code = await lonely.WaitForExitAsync(TimeSpan.FromSeconds(60));
        grid.TakeOut(lonely);
        output.WriteLine($"the silo that was cut off ended {cut.Elapsed.TotalSeconds - CutLength.TotalSeconds:0.0} s after that, with exit code {code}");
        await load.WaitForEventsAsync(1000);
        await load.EndAsync();

        output.WriteLine(load.Describe());
        await grid.VerifyAsync(grid.Silos[0], load.Sent, Cancellation);
    }
}
