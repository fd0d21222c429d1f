using System.Globalization;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Mapping;
using Divolte.Grains.Sinks;
using Divolte.Grains.Streaming;
using Divolte.Grains.Tests.Sinks;
using Orleans.Core.Internal;
using Xunit;

namespace Divolte.Grains.Tests.Streaming;

/// <summary>The whole way from journal to sink through the real stream runtime, in a silo in process.</summary>
public sealed class GridOfOneTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task AppendedEvents_ReachTheSinkInOrderPerParty()
    {
        await using var grid = await StreamGrid.StartAsync(new MemoryJournal(queues: 2), new ScriptedSink());

        for (var number = 0; number < 200; number++)
            await grid.AppendAsync(number % 2, $"{(number % 2 == 0 ? "even" : "odd")}-{number.ToString("D4", CultureInfo.InvariantCulture)}");
        await grid.Sinks[0].UntilHasAsync(200);

        var ids = grid.Sinks[0].Ids;
        Assert.Equal(200, ids.Distinct().Count());
        Assert.All(ids.GroupBy(id => id.Split('-')[0]), party => Assert.Equal(party.Order(StringComparer.Ordinal), party));
    }

    [Fact]
    public async Task SinkThatIsDown_DelaysOnlyItself()
    {
        var broken = new ScriptedSink("broken") { Away = "no route" };
        var healthy = new ScriptedSink("healthy");
        var journal = new MemoryJournal(queues: 2);
        await using var grid = await StreamGrid.StartAsync(journal, broken, healthy);

        for (var number = 0; number < 5000; number++)
            await grid.AppendAsync(number % 2, $"e{number}", padding: 4000);
        await healthy.UntilHasAsync(5000);

        Assert.Empty(broken.Ids);
        // One batch beyond the bound, with what its entries take besides their bytes.
        Assert.All(grid.Windows("broken"), window => Assert.InRange(window.Bytes, 0, JournalWindows.BytesMax + ((IJournal)journal).GatherBytes * 11 / 10));
        broken.Away = null;
        await broken.UntilHasAsync(5000);
        Assert.Equal(5000, broken.Ids.Distinct().Count());
    }

    [Fact]
    public async Task RestartedSilo_GoesOnWhereTheSinkWasConfirmed()
    {
        var journal = new MemoryJournal(queues: 2);
        var sink = new ScriptedSink();
        await using (var first = await StreamGrid.StartAsync(journal, sink))
        {
            for (var number = 0; number < 100; number++)
                await first.AppendAsync(number % 2, $"a{number}");
            await sink.UntilHasAsync(100);
        }
        for (var number = 0; number < 100; number++)
            await journal.AppendAsync(AFrame.Append(number % 2, AFrame.Of($"b{number}")), Token);

        await using var second = await StreamGrid.StartAsync(journal, sink);
        await sink.UntilHasAsync(200);

        Assert.Equal(200, sink.Ids.Distinct().Count());
        Assert.Equal(200, sink.Ids.Count);
    }

    [Fact]
    public async Task SinkGrainThatStartsAnew_ReadsUnconfirmedEventsFromTheJournalAgain()
    {
        var sink = new ScriptedSink { Answer = _ => WriteReceipt.TryLater("away") };
        await using var grid = await StreamGrid.StartAsync(new MemoryJournal(queues: 1), sink);
        await grid.AppendAsync(0, "a");
        await grid.AppendAsync(0, "b");
        await sink.UntilAsync(s => s.Batches >= 1, "a hand-over");
        var first = StreamGrid.WorkersOf(grid.Cluster.Silos[0]).Single();

        // The activation ends with nothing confirmed; the reader and its cursor stay where they are.
        await grid.SinkGrain("sink", 0).AsReference<IGrainManagementExtension>().DeactivateOnIdle(Token);
        await StreamGrid.UntilAsync(() => !StreamGrid.WorkersOf(grid.Cluster.Silos[0]).Contains(first), "the end of the first activation");
        sink.Answer = _ => null;
        await grid.AppendAsync(0, "c");
        await sink.UntilHasAsync(3);

        Assert.Equal(["a", "b", "c"], sink.Ids);
    }

    [Fact]
    public async Task MemoryThatWasGivenUp_IsReadAgain()
    {
        var sink = new ScriptedSink();
        await using var grid = await StreamGrid.StartAsync(new MemoryJournal(queues: 1), sink);
        await grid.AppendAsync(0, "a");
        await sink.UntilHasAsync(1);
        await grid.AppendAsync(0, "b");
        await sink.UntilHasAsync(2);

        // A reader that was placed far behind delivers what the sink has already; none of it counts twice.
        grid.Windows("sink").Single().Place(new JournalPosition(1, 0));
        await grid.AppendAsync(0, "c");
        await sink.UntilHasAsync(3);

        Assert.Equal(["a", "b", "c"], sink.Ids);
    }

    [Fact]
    public async Task Status_BalancesPerMapping()
    {
        await using var grid = await StreamGrid.StartAsync(new MemoryJournal(queues: 2), new ScriptedSink());
        for (var number = 0; number < 20; number++)
            await grid.AppendAsync(number % 2, $"e{number}");
        await grid.Sinks[0].UntilHasAsync(20);

        var lines = new List<LedgerLine>();
        await StreamGrid.UntilAsync(
            async () =>
            {
                lines.Clear();
                for (var queue = 0; queue < 2; queue++)
                    lines.AddRange((await grid.SinkGrain("sink", queue).GetStatusAsync()).Ledger);
                return lines.Sum(line => line.Written) == 20;
            },
            "20 events written in the ledger");

        Assert.Equal(20, lines.Sum(line => line.Accepted));
        Assert.Equal(0, lines.Sum(line => line.Pending));
    }

    [Fact]
    public async Task JournalThatCannotBeRead_IsReadLater()
    {
        var journal = new MemoryJournal(queues: 1) { ReadFailure = new IOException("away") };
        await using var grid = await StreamGrid.StartAsync(journal, new ScriptedSink());
        await grid.AppendAsync(0, "a");

        journal.ReadFailure = null;
        await grid.Sinks[0].UntilHasAsync(1);

        Assert.Equal(["a"], grid.Sinks[0].Ids);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
