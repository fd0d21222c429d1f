using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests.Grid;

/// <summary>The clock of one silo's machine is set forward and back by an hour.</summary>
public sealed class ClockJumpTests(ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    [Trait("Duration", "Long")]
    public async Task ClockOfOneSiloJumpsByAnHour_LosesNothingAndNoSilo()
    {
        using var clock = ShiftedClock.CreateOrSkip();
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation);
        var jumping = await grid.AddSiloAsync(
            Cancellation, settings => settings with { Environment = settings.Environment.Concat(clock.Environment).ToDictionary() });
        var load = new GridLoad(sent => grid.NewFleet(sent, events: 1_000_000, seed: 71), Cancellation);
        await load.WaitForEventsAsync(1000);

        foreach (var hours in new[] { 1, 0, -1, 0 })
        {
            clock.Shift(TimeSpan.FromHours(hours));
            await WaitForClockAsync(jumping, TimeSpan.FromHours(hours));
            await Task.Delay(TimeSpan.FromSeconds(8), Cancellation); // longer than it takes to declare a silo dead
            await load.WaitForEventsAsync(1500);
            await WaitForShardsAsync(grid);
            await WaitUntilProgressIsStoredAsync(redis);
            output.WriteLine($"its clock is {hours:+0;-0;0} h off: {load.Describe()}");
        }
        await load.EndAsync();

        await WaitForShardsAsync(grid);
        await grid.VerifyAsync(jumping, load.Sent, Cancellation);
    }

    /// <summary>The clock is what the process itself says in its answers, which it looks at once a second.</summary>
    private static async Task WaitForClockAsync(SiloProcess silo, TimeSpan expected)
    {
        using var http = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{silo.Port}/ping"), Cancellation);
            var off = answer.Headers.Date!.Value - DateTimeOffset.UtcNow;
            if ((off - expected).Duration() < TimeSpan.FromMinutes(1))
                return;
            Assert.True(attempt < 100, $"The silo's clock is {off} off, not {expected}.");
            await Task.Delay(100, Cancellation);
        }
    }

    /// <summary>All three hold shards, as each of them tells.</summary>
    private static async Task WaitForShardsAsync(SiloGrid grid)
    {
        foreach (var silo in grid.Silos)
        {
            IReadOnlyDictionary<string, int> shards;
            for (var attempt = 0; (shards = await SiloGrid.CountShardsAsync(silo, Cancellation)).Count < 3 || shards.Values.Sum() < 64; attempt++)
            {
                Assert.True(attempt < 120, $"Not all shards on three silos: {string.Join(", ", shards)}.");
                await Task.Delay(500, Cancellation);
            }
        }
    }

    /// <summary>The progress that every queue has stored now moves on, although the clock of some sinks' silo was set back.</summary>
    private static async Task WaitUntilProgressIsStoredAsync(RedisProcess redis)
    {
        for (var queue = 0; queue < 4; queue++)
        {
            var begin = await ReadAsync(queue);
            for (var attempt = 0; await ReadAsync(queue) == begin; attempt++)
            {
                Assert.True(attempt < 100, $"The progress of queue {queue} is stored no more: {begin}.");
                await Task.Delay(100, Cancellation);
            }
        }

        Task<string> ReadAsync(int queue) =>
            redis.CommandAsync($"EVAL \"return redis.status_reply(string.match(redis.call('HGET',KEYS[1],'least'),'^%d+:%d+'))\" 1 {{divolte}}:progress:{queue}");
    }
}
