using System.Globalization;
using Divolte.Grains.Tests.Sinks;
using Orleans.Runtime;
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
    public async Task SiloThatJoinsAndLeaves_TakesQueuesWithTheirSinks()
    {
        var sink = new ScriptedSink();
        await using var grid = await StreamGrid.StartAsync(silos: 2, new MemoryJournal(Queues), sink);
        for (var queue = 0; queue < Queues; queue++)
            await grid.AppendAsync(queue, $"before-{queue}");
        await sink.UntilHasAsync(Queues);

        // Status pages and readers everywhere know where the sinks were, and go on asking there.
        var asking = true;
        var asked = Task.Run(() => AskAsync(grid, () => asking), Token);
        var joined = await grid.Cluster.StartAdditionalSiloAsync();
        await StreamGrid.UntilAsync(() => HaveWritersBesideReaders(grid, silos: 3), "two queues with their sinks in each of three silos");
        for (var queue = 0; queue < Queues; queue++)
            await grid.AppendAsync(queue, $"between-{queue}");
        await sink.UntilHasAsync(2 * Queues);
        await grid.Cluster.StopSiloAsync(joined, Token);
        await StreamGrid.UntilAsync(() => HaveWritersBesideReaders(grid, silos: 2), "three queues with their sinks in each of two silos");
        for (var queue = 0; queue < Queues; queue++)
            await grid.AppendAsync(queue, $"after-{queue}");
        await sink.UntilHasAsync(3 * Queues);
        asking = false;
        await asked;

        Assert.Equal(3 * Queues, sink.Ids.Distinct().Count());
        Assert.Equal(3 * Queues, sink.Ids.Count);
    }

    private static bool HaveWritersBesideReaders(StreamGrid grid, int silos)
    {
        var active = grid.Cluster.Silos.Where(silo => silo.IsActive).ToList();
        return active.Count == silos && active.All(silo =>
            StreamGrid.WorkersOf(silo) is { Count: var writers } workers && writers == Queues / silos
            && workers.All(worker => grid.ReaderOf("sink", worker.Queue)?.SiloAddress.Equals(silo.SiloAddress) == true));
    }

    private static async Task AskAsync(StreamGrid grid, Func<bool> isWanted)
    {
        while (isWanted())
        {
            for (var queue = 0; queue < Queues; queue++)
            {
                try
                {
                    await grid.SinkGrain("sink", queue).GetStatusAsync();
                }
                catch (Exception trouble) when (trouble is OrleansException or TimeoutException)
                {
                    // It is moving.
                }
            }
        }
    }
}
