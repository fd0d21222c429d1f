using System.Diagnostics;
using System.Text.Json;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>What frontends count at their edges, as every silo tells it: all of it, balanced, and without those that are gone.</summary>
public sealed class FrontendEdgeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Needs", "Kafka")]
    public async Task EverySilo_TellsTheEdgeOfEveryFrontend()
    {
        await using var redis = await RedisProcess.StartOrSkipAsync();
        await using var grid = await SiloGrid.StartOrSkipAsync(redis.Connection, silos: 2, output, Cancellation, http: "off");
        await using var frontends = new FrontendGroup(grid, output);
        await frontends.StartAsync("a", Cancellation);
        await frontends.StartAsync("b", Cancellation);
        var sent = new SentEvents();
        await frontends.NewFleet(sent, events: 1000, seed: 26).RunAsync(Cancellation);
        await SendBadAsync(frontends["a"], 7);
        await SendBadAsync(frontends["b"], 11);
        var (a, b) = (await ReadOwnAsync(frontends, "a"), await ReadOwnAsync(frontends, "b"));
        Assert.Equal((7, 11), (a.Dropped, b.Dropped));

        foreach (var silo in grid.Silos)
        {
            var edges = await WaitAsync(silo, seen => seen.Sum.Received == a.Received + b.Received);

            Assert.Equal(new Edge(a.Received + b.Received, a.Accepted + b.Accepted, 18), edges.Sum);
            Assert.Equal([a, b], edges.There.OrderBy(edge => edge.Dropped));
            Assert.All(edges.There.Append(edges.Sum), edge => Assert.Equal(edge.Received, edge.Accepted + edge.Dropped));
            Assert.Equal(edges.Sum.Accepted, edges.InJournal); // every good event was acknowledged: none ended between edge and journal
        }

        await frontends.KillAsync("a");
        frontends.TakeOut("a");
        foreach (var silo in grid.Silos)
        {
            var edges = await WaitAsync(silo, seen => seen.Gone.Count == 1);
            Assert.Equal((a, b, b), (edges.Gone[0], Assert.Single(edges.There), edges.Sum));
        }

        await frontends.StartAsync("a", Cancellation);
        await SendBadAsync(frontends["a"], 2);
        var again = await WaitAsync(grid.Silos[0], seen => seen.There.Count == 2 && seen.Sum.Dropped == 13);
        Assert.Equal(a, Assert.Single(again.Gone)); // the life that ended; the new one counts from nothing
    }

    private static async Task SendBadAsync(SiloProcess frontend, int count)
    {
        using var http = new HttpClient();
        for (var number = 0; number < count; number++)
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{frontend.Port}/csc-event?p=nobody"), Cancellation);
        }
    }

    private static async Task<Edge> ReadOwnAsync(FrontendGroup frontends, string name) =>
        Edge.Of((await frontends.ReadStatusAsync(name, Cancellation)).GetProperty("sources"));

    /// <summary>Waits until a silo tells what is expected.</summary>
    private static async Task<Edges> WaitAsync(SiloProcess silo, Func<Edges, bool> isExpected)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var status = await SiloGrid.ReadStatusAsync(silo, Cancellation);
            var edges = Edges.Of(status);
            if (isExpected(edges))
                return edges;
            if (clock.Elapsed > Patience)
                throw new TimeoutException($"After {Patience} the silo still tells {status.GetProperty("frontends").GetRawText()}");
            await Task.Delay(100, Cancellation);
        }
    }

    /// <summary>All sources of an edge together.</summary>
    private sealed record Edge(long Received, long Accepted, long Dropped)
    {
        public static Edge Of(JsonElement sources) => new(
            Sum(sources, source => source.GetProperty("received").GetInt64()),
            Sum(sources, source => source.GetProperty("accepted").GetInt64()),
            Sum(sources, source => source.GetProperty("dropped").EnumerateObject().Sum(drop => drop.Value.GetInt64())));

        private static long Sum(JsonElement sources, Func<JsonElement, long> figure) => sources.EnumerateArray().Sum(figure);
    }

    /// <summary>What one silo tells.</summary>
    private sealed record Edges(Edge Sum, IReadOnlyList<Edge> There, IReadOnlyList<Edge> Gone, long InJournal)
    {
        public static Edges Of(JsonElement status)
        {
            var frontends = status.GetProperty("frontends").EnumerateArray().ToLookup(frontend => frontend.GetProperty("isGone").GetBoolean(), frontend => Edge.Of(frontend.GetProperty("sources")));
            var queues = status.GetProperty("journal").GetProperty("queues").EnumerateArray();
            return new Edges(
                Edge.Of(status.GetProperty("sources")),
                [.. frontends[false]],
                [.. frontends[true]],
                queues.Sum(queue => queue.GetProperty("accepted").EnumerateObject().Sum(source => source.Value.GetInt64())));
        }
    }
}
