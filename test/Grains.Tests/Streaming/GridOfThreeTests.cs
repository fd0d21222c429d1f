using System.Globalization;
using Divolte.Grains.Tests.Sinks;
using Xunit;

namespace Divolte.Grains.Tests.Streaming;

/// <summary>Queues that move between silos, with readers and sinks in different ones for a while.</summary>
public sealed class GridOfThreeTests
{
    private const int Queues = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queues_AreReadByAllSilosInEvenShares()
    {
        await using var grid = await StreamGrid.StartAsync(silos: 3, new MemoryJournal(Queues), new ScriptedSink());
        var readers = new List<string?>();

        await StreamGrid.UntilAsync(
            () =>
            {
                readers.Clear();
                readers.AddRange(Enumerable.Range(0, Queues).Select(queue => grid.ReaderOf("sink", queue)?.Name));
                return readers.GroupBy(name => name).All(share => share.Key is not null && share.Count() == 2);
            },
            "two queues in each silo");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SiloThatLeaves_LosesNothingAndKeepsTheOrder(bool isGraceful)
    {
        var sink = new ScriptedSink();
        await using var grid = await StreamGrid.StartAsync(silos: 3, new MemoryJournal(Queues), sink);
        const int perQueue = 120;
        for (var number = 0; number < perQueue; number++)
        {
            for (var queue = 0; queue < Queues; queue++)
                await grid.AppendAsync(queue, $"q{queue}-{number.ToString("D4", CultureInfo.InvariantCulture)}");
            if (number == perQueue / 2)
            {
                await sink.UntilHasAsync(1);
                var leaving = grid.Cluster.Silos[1];
                await (isGraceful ? grid.Cluster.StopSiloAsync(leaving, Token) : grid.Cluster.KillSiloAsync(leaving, Token));
            }
        }

        await sink.UntilAsync(s => s.Ids.Distinct().Count() == Queues * perQueue, "every event");

        Assert.All(
            sink.Ids.Distinct().GroupBy(id => id.Split('-')[0]), // a repetition after a loss is allowed, a new event before an older one is not
            queue => Assert.Equal(queue.Order(StringComparer.Ordinal), queue));
        if (isGraceful)
            Assert.Equal(Queues * perQueue, sink.Ids.Count);
    }

    [Fact]
    public async Task SiloThatJoins_TakesQueuesWithTheirSinks()
    {
        var sink = new ScriptedSink();
        await using var grid = await StreamGrid.StartAsync(silos: 1, new MemoryJournal(Queues), sink);
        await grid.AppendAsync(0, "before");
        await sink.UntilHasAsync(1);

        await grid.Cluster.StartAdditionalSiloAsync();
        await StreamGrid.UntilAsync(
            () => Enumerable.Range(0, Queues).Select(queue => grid.ReaderOf("sink", queue)?.Name).GroupBy(name => name).All(share => share.Key is not null && share.Count() == 3),
            "three queues in each silo");
        var (moved, sent) = (0, 1);
        for (var round = 0; round < 1000 && moved < 3; round++)
        {
            // What the readers do once a minute: a sink that started in the wrong place moves to its reader.
            for (var queue = 0; queue < Queues; queue++, sent++)
            {
                if (grid.ReaderOf("sink", queue) is { } reader)
                    await grid.SinkGrain("sink", queue).AttachAsync(reader.SiloAddress);
                await grid.AppendAsync(queue, $"after-{round}-{queue}");
            }
            await sink.UntilHasAsync(sent);
            moved = StreamGrid.WorkersOf(grid.Cluster.Silos[1]).Count;
        }

        Assert.Equal(sent, sink.Ids.Distinct().Count());
        Assert.Equal(3, moved);
    }
}
