using System.Diagnostics;
using System.Globalization;
using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests.Grid;

/// <summary>
/// Frontends and silos under load for as long as <c>DIVOLTE_SOAK_MINUTES</c> says, with a fault every few seconds, chosen by the seed. Started by
/// <c>test/soak</c>.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task SoakedGrid_LosesNothingAndKeepsItsSize()
    {
        if (!double.TryParse(Environment.GetEnvironmentVariable("DIVOLTE_SOAK_MINUTES"), CultureInfo.InvariantCulture, out var minutes))
            Assert.Skip("runs as long as one likes: test/soak MINUTES");
        var seed = TestSeed.Next(output);
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 3, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        var faults = new SoakFaults(grid, frontends, redis, new Random(seed), output);
        await faults.StartFrontendsAsync(Cancellation);
        var load = new GridLoad(sent => frontends.NewFleet(sent, events: int.MaxValue, seed), Cancellation);
        var memory = new MemoryWatch();

        var clock = Stopwatch.StartNew();
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, Cancellation);
        var striking = faults.StrikeUntilAsync(either.Token);
        while (!striking.IsCompleted)
        {
            await Task.WhenAny(striking, Task.Delay(Look, Cancellation));
            var sizes = memory.Look(faults.Processes);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,5:0} s, {faults.Count} faults, {load.Describe()}; MiB: {sizes}"));
        }
        await striking;
        await load.EndAsync();

        output.WriteLine(load.Describe());
        await frontends.WaitUntilDeliveredAsync(Cancellation);
        await grid.VerifyAsync(faults.AnySilo, load.Sent, Cancellation, isOrdered: false);
        output.WriteLine(memory.Describe());
        Assert.Empty(memory.Excesses);
    }
}
