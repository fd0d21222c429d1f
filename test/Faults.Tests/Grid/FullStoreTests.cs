using System.Globalization;
using System.Net;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>Sinks that stand still until Redis holds as much as it may: its memory stays bounded, clients hear it, and nothing acknowledged is lost.</summary>
public sealed class FullStoreTests(ITestOutputHelper output)
{
    private const long MemoryMax = 48 << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task BrokerThatHangsUntilRedisIsFull_ClientsAreToldAndNothingAcknowledgedIsLost()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync("--maxmemory", MemoryMax.ToString(CultureInfo.InvariantCulture));
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation);
        var sent = new SentEvents();
        var fleet = grid.NewFleet(sent, events: 9000, seed: 25, padding: 6000);
        var visiting = fleet.RunAsync(Cancellation);
        await fleet.WaitForAsync(500, visiting, Cancellation);

        grid.Kafka.Pause();
        await UntilAllRefuseAsync(grid);
        var acknowledged = fleet.Done;
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation); // visitors press on meanwhile
        var used = await ReadInfoAsync(redis, "memory", "used_memory");
        output.WriteLine($"{acknowledged} events acknowledged until Redis was full, {fleet.Done - acknowledged} in the next three seconds; {used} of {MemoryMax} bytes");
        Assert.InRange(used, MemoryMax / 2, MemoryMax);
        Assert.Equal(0, await ReadInfoAsync(redis, "stats", "evicted_keys"));
        foreach (var silo in grid.Silos)
            await AssertRefusingAsync(silo, sent);

        grid.Kafka.Resume();
        await visiting;
        output.WriteLine(fleet.DescribeWaits());
        await grid.VerifyAsync(grid.Silos[0], sent, Cancellation);
        Assert.Equal(0, await ReadInfoAsync(redis, "stats", "evicted_keys"));
    }

    private static async Task UntilAllRefuseAsync(SiloGrid grid)
    {
        using var http = new HttpClient();
        for (var attempt = 0; attempt < 600; attempt++)
        {
            var refusing = 0;
            foreach (var silo in grid.Silos)
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{silo.AdminPort}/ready"), Cancellation);
                refusing += answer.StatusCode == HttpStatusCode.ServiceUnavailable ? 1 : 0;
            }
            if (refusing == grid.Silos.Count)
                return;
            await Task.Delay(100, Cancellation);
        }
        Assert.Fail("The silos still take events a minute later.");
    }

    /// <summary>The silo is well and serves pages; only events are refused, with the reason in its status.</summary>
    private static async Task AssertRefusingAsync(SiloProcess silo, SentEvents sent)
    {
        using var http = new HttpClient();
        var beacon = Beacon.PageView("/csc-event", "0:i1t84hgy:refused", "0:i1t84hgy:session", 9_000_000, 1_790_000_000_000);
        sent.Of(beacon).Sends++;
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{silo.Port}{beacon.Target}"), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        var journal = (await SiloGrid.ReadStatusAsync(silo, Cancellation)).GetProperty("journal");
        Assert.False(journal.GetProperty("canAppend").GetBoolean());
        Assert.Contains("Redis is full", journal.GetProperty("reason").GetString(), StringComparison.Ordinal);
        using var ping = await http.GetAsync(new Uri($"http://127.0.0.1:{silo.Port}/ping"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
    }

    private static async Task<long> ReadInfoAsync(RedisProcess redis, string section, string name)
    {
        var text = await redis.InfoAsync(section);
        var line = text.Split("\r\n").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }
}
