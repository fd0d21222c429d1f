using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Streaming;
using Divolte.Grains.Tests.Streaming;
using Xunit;

namespace Divolte.Grains.Tests.Sinks;

public sealed class SinkWorkerTests
{
    [Fact]
    public async Task DeliveredEvents_AreWrittenInOrderAndProgressFollows()
    {
        await using var bench = new WorkerBench();
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"), AFrame.Of("b"));
        await bench.AppendAsync(AFrame.Of("c"));

        await bench.DeliverAsync(worker);
        await bench.Sink.UntilHasAsync(3);
        await WorkerBench.StopAsync(worker);

        Assert.Equal(["a", "b", "c"], bench.Sink.Ids);
        var end = await bench.Journal.GetEndAsync(0, Token);
        Assert.Equal(end.Position, worker.Confirmed);
        Assert.Equal(end.Position, (await bench.Journal.ReadProgressAsync("sink", 0, Token))!.Position);
        Assert.Equal(end.Position, bench.Confirmations[^1]);
    }

    /// <summary>What is not stored comes again after a crash, and a sink that catches up has something to do all the time.</summary>
    [Fact]
    public async Task SinkThatNeverRunsOutOfWork_StoresItsProgressAllTheSame()
    {
        await using var bench = new WorkerBench();
        bench.Sink.Away = "not yet";
        var worker = await bench.StartAsync();
        const int entries = 20;
        for (var entry = 0; entry < entries; entry++)
            await bench.AppendManyAsync($"{entry}-", MappedBatch.RecordsMax);
        await bench.DeliverAsync(worker);
        var stored = new List<long>();
        bench.Sink.Answer = _ =>
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(60));
            stored.Add(bench.Journal.ReadProgressAsync("sink", 0, Token).AsTask().GetAwaiter().GetResult()!.Position.Offset);
            return null;
        };

        bench.Sink.Away = null;
        await bench.AdvanceUntilAsync(bench.Sink.UntilHasAsync(entries * MappedBatch.RecordsMax));

        Assert.InRange(stored.Distinct().Count(), entries / 4, entries);
    }

    [Fact]
    public async Task RepeatedDelivery_IsIgnored()
    {
        await using var bench = new WorkerBench();
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        var start = new JournalPosition(1, 0);
        var batch = new JournalBatch(JournalStream.StreamOf("sink", 0), start, await bench.Journal.ReadAsync(0, start, int.MaxValue, Token));

        await worker.AcceptAsync(batch);
        await worker.AcceptAsync(batch);
        await WorkerBench.StopAsync(worker);

        Assert.Equal(["a"], bench.Sink.Ids);
    }

    [Fact]
    public async Task BatchThatIsPartlyTaken_AddsOnlyWhatIsNew()
    {
        await using var bench = new WorkerBench();
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.DeliverAsync(worker);
        await bench.AppendAsync(AFrame.Of("b"));
        var start = new JournalPosition(1, 0);

        await worker.AcceptAsync(new JournalBatch(JournalStream.StreamOf("sink", 0), start, await bench.Journal.ReadAsync(0, start, int.MaxValue, Token)));
        await WorkerBench.StopAsync(worker);

        Assert.Equal(["a", "b"], bench.Sink.Ids);
    }

    [Fact]
    public async Task Gap_IsRefusedLoudly()
    {
        await using var bench = new WorkerBench();
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        var after = (await bench.Journal.GetEndAsync(0, Token)).Position;
        await bench.AppendAsync(AFrame.Of("b"));
        var batch = new JournalBatch(JournalStream.StreamOf("sink", 0), after, await bench.Journal.ReadAsync(0, after, int.MaxValue, Token));

        await Assert.ThrowsAsync<JournalGapException>(() => worker.AcceptAsync(batch).AsTask());
    }

    [Fact]
    public async Task DestinationAwayAtStart_IsOpenedAgainAndAgain()
    {
        await using var bench = new WorkerBench();
        bench.Sink.Away = "no route";
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.DeliverAsync(worker);

        await bench.AdvanceUntilAsync(bench.Sink.UntilAsync(sink => sink.Opened >= 3, "three tries"));
        Assert.Equal(new SinkCondition(SinkState.Paused, "no route"), worker.Condition);
        bench.Sink.Away = null;
        await bench.AdvanceUntilAsync(bench.Sink.UntilHasAsync(1));
        await WorkerBench.StopAsync(worker);

        Assert.Equal(SinkState.Running, worker.Condition.State);
        Assert.Equal(["a"], bench.Sink.Ids);
    }

    [Fact]
    public async Task TryLater_IsWrittenAgainInOrderThroughANewWriter()
    {
        await using var bench = new WorkerBench();
        var troubles = 2;
        bench.Sink.Answer = ids => ids.Contains("b") && troubles-- > 0 ? WriteReceipt.TryLater("broker away") : null;
        var worker = await bench.StartAsync();
        foreach (var id in new[] { "a", "b", "c", "d" })
        {
            await bench.AppendAsync(AFrame.Of(id));
            await bench.DeliverAsync(worker);
        }

        await bench.AdvanceUntilAsync(bench.Sink.UntilHasAsync(4));
        await WorkerBench.StopAsync(worker);

        Assert.Equal(["a", "b", "c", "d"], bench.Sink.Ids);
        Assert.Equal(3, bench.Sink.Opened);
        Assert.Equal(bench.Sink.Opened, bench.Sink.Disposed);
    }

    [Fact]
    public async Task WriterThatThrows_LosesNothing()
    {
        await using var bench = new WorkerBench();
        var bugs = 1;
        bench.Sink.Answer = _ => bugs-- > 0 ? throw new InvalidOperationException("a bug") : null;
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"), AFrame.Of("b"));
        await bench.DeliverAsync(worker);

        await bench.AdvanceUntilAsync(bench.Sink.UntilHasAsync(2));
        await WorkerBench.StopAsync(worker);

        Assert.Equal(["a", "b"], bench.Sink.Ids);
    }

    [Fact]
    public async Task ProgressNeverPassesWhatIsUnconfirmed()
    {
        await using var bench = new WorkerBench();
        bench.Sink.HoldsOutcomes = true;
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.DeliverAsync(worker);
        await bench.Sink.UntilAsync(sink => sink.Batches == 1, "the hand-over");

        Assert.Equal(0, worker.Confirmed.Offset);
        Assert.NotNull(worker.OldestWaiting);
        bench.Sink.ReleaseOutcomes();
        await WorkerBench.StopAsync(worker);

        Assert.NotEqual(0, worker.Confirmed.Offset);
    }

    [Fact]
    public async Task DestinationThatConfirmsAtFlush_IsFlushedAtStop()
    {
        await using var bench = new WorkerBench();
        bench.Sink.ConfirmsAtFlush = true;
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.DeliverAsync(worker);

        await WorkerBench.StopAsync(worker);

        Assert.Equal(["a"], bench.Sink.Ids);
        Assert.Equal((await bench.Journal.GetEndAsync(0, Token)).Position, worker.Confirmed);
    }

    [Fact]
    public async Task DestinationThatConfirmsAtFlush_IsFlushedWhenTooMuchWaits()
    {
        await using var bench = new WorkerBench();
        bench.Sink.ConfirmsAtFlush = true;
        var worker = await bench.StartAsync();
        const int events = 20_000;
        for (var first = 0; first < events; first += 500)
            await bench.Journal.AppendAsync(AFrame.Many(0, "e", 500, first), Token);

        await bench.DeliverAsync(worker, bytesMax: 100_000);
        await bench.Sink.UntilAsync(sink => sink.Ids.Count > 0, "a flush");

        Assert.InRange(worker.UnconfirmedBytes, 0, SinkWorker.BufferBytesMax);
    }

    [Fact]
    public async Task FullBuffer_TakesNothingMoreUntilThereIsRoom()
    {
        await using var bench = new WorkerBench();
        bench.Sink.Away = "no route";
        var worker = await bench.StartAsync();
        while (worker.UnconfirmedBytes < SinkWorker.BufferBytesMax)
        {
            await bench.AppendManyAsync("e", 2000);
            await bench.DeliverAsync(worker);
        }
        await bench.AppendAsync(AFrame.Of("late"));

        var delivery = bench.DeliverAsync(worker);
        var busy = await Record.ExceptionAsync(() => bench.AdvanceUntilAsync(delivery));

        Assert.IsType<SinkBusyException>(busy);
        bench.Sink.Away = null;
        await bench.AdvanceUntilAsync(bench.Sink.UntilAsync(sink => sink.Ids.Count > 2000, "room"));
        await bench.DeliverAsync(worker);
        await bench.AdvanceUntilAsync(bench.Sink.UntilAsync(sink => sink.Ids[^1] == "late", "the late event"));
    }

    [Fact]
    public async Task LargeBacklog_IsWrittenInBoundedBatches()
    {
        await using var bench = new WorkerBench();
        bench.Sink.Away = "no route";
        var worker = await bench.StartAsync();
        for (var number = 0; number < 100; number++)
            await bench.AppendManyAsync("e", 30);
        await bench.DeliverAsync(worker);
        bench.Sink.Away = null;

        await bench.AdvanceUntilAsync(bench.Sink.UntilHasAsync(3000));

        Assert.InRange(bench.Sink.LargestBatch, 500, 529);
        Assert.InRange(bench.Sink.Batches, 6, 10);
    }

    [Fact]
    public async Task RestartedWorker_GoesOnAtItsProgress()
    {
        await using var bench = new WorkerBench();
        var first = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.DeliverAsync(first);
        await WorkerBench.StopAsync(first);
        await bench.AppendAsync(AFrame.Of("b"));

        var second = await bench.StartAsync();
        Assert.Equal(first.Confirmed, second.Taken);
        await bench.DeliverAsync(second);
        await WorkerBench.StopAsync(second);

        Assert.Equal(["a", "b"], bench.Sink.Ids);
    }

    [Fact]
    public async Task DestinationThatKeepsPositions_IsNotGivenAnythingTwiceAndItCounts()
    {
        await using var bench = new WorkerBench();
        bench.Sink.KeepsPositions = true;
        var first = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.AppendAsync(AFrame.Of("b"));
        var before = await bench.Journal.ReadProgressAsync("sink", 0, Token);
        await bench.DeliverAsync(first);
        await WorkerBench.StopAsync(first);
        await bench.Journal.SaveProgressAsync(before!, Token); // as if the process had died before it stored the progress
        await bench.AppendAsync(AFrame.Of("c"));

        var second = await bench.StartAsync();
        await bench.DeliverAsync(second);
        await WorkerBench.StopAsync(second);

        Assert.Equal(["a", "b", "c"], bench.Sink.Ids);
        Assert.Equal(3, (await bench.LedgerAsync(second)).Written);
    }

    [Fact]
    public async Task RefusedRecords_AreKeptBeforeProgressMoves()
    {
        await using var bench = new WorkerBench();
        bench.Sink.Answer = ids => ids.Contains("large")
            ? new WriteReceipt(WriteStatus.Written, "", [new RefusedRecord(ids.ToList().IndexOf("large"), "message too large")])
            : null;
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"), AFrame.Of("large"), AFrame.Of("c"));
        await bench.DeliverAsync(worker);
        await WorkerBench.StopAsync(worker);

        var letter = Assert.Single(await bench.ReadDeadLettersAsync());
        Assert.Equal(["a", "c"], bench.Sink.Ids);
        Assert.Equal((DropReason.Refused, "message too large", 1), (letter.Reason, letter.Explanation, letter.Index));
        Assert.Equal(AFrame.Of("large"), letter.Frame.ToArray());
    }

    [Fact]
    public async Task UnmappableEvents_AreKeptAndTheOthersWritten()
    {
        await using var bench = new WorkerBench();
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"), AFrame.Of("b", eventType: "bad"), AFrame.Of("c", eventType: "throw"), AFrame.Of("d"));
        await bench.DeliverAsync(worker);
        await WorkerBench.StopAsync(worker);

        Assert.Equal(["a", "d"], bench.Sink.Ids);
        var letters = await bench.ReadDeadLettersAsync();
        Assert.Equal(["field x: no number", "InvalidCastException: a bug"], letters.Select(letter => letter.Explanation));
    }

    [Fact]
    public async Task DeadLettersThatCannotBeWritten_HoldTheProgress()
    {
        await using var bench = new WorkerBench();
        var directory = bench.DeadLetterDirectory;
        directory.Delete();
        await File.WriteAllTextAsync(directory.FullName, "in the way", TestContext.Current.CancellationToken);
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("b", eventType: "bad"));
        await bench.DeliverAsync(worker);
        await bench.Sink.UntilAsync(sink => sink.Batches == 1, "the hand-over");
        await bench.AdvanceUntilAsync(UntilAsync(() => worker.Condition.State == SinkState.Paused));

        Assert.Equal(0, worker.Confirmed.Offset);
        File.Delete(directory.FullName);
        await bench.AdvanceUntilAsync(UntilAsync(() => worker.Confirmed.Offset > 0));

        Assert.Single(await bench.ReadDeadLettersAsync());
        Assert.Equal(1, bench.Sink.Batches);
    }

    [Fact]
    public async Task Ledger_BalancesOverMappingsReasonsAndRestarts()
    {
        await using var bench = new WorkerBench();
        bench.Mappings.Add(WorkerBench.Mapping("strict", discardsDuplicates: true));
        bench.Mappings.Add(WorkerBench.Mapping("other", source: "json"));
        bench.Sink.Answer = ids => ids.ToList().IndexOf("large") is var index and >= 0
            ? new WriteReceipt(WriteStatus.Written, "", [new RefusedRecord(index, "too large")])
            : null;
        var first = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"), AFrame.Of("a", flags: FrameFlags.Duplicate), AFrame.Of("x", eventType: "bad"));
        await bench.DeliverAsync(first);
        await WorkerBench.StopAsync(first);
        var second = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("large"), AFrame.Of("j", source: "json"), AFrame.Of("u", source: "unmapped"));
        await bench.DeliverAsync(second);
        await WorkerBench.StopAsync(second);
        await bench.AppendAsync(AFrame.Of("waits"));

        var plain = await bench.LedgerAsync(second);
        var strict = await bench.LedgerAsync(second, "strict");
        var other = await bench.LedgerAsync(second, "other");

        AssertBalance(plain, accepted: 5, written: 2, pending: 1, (DropReason.Unmappable, 1), (DropReason.Refused, 1));
        AssertBalance(strict, accepted: 5, written: 2, pending: 1, (DropReason.Unmappable, 1), (DropReason.DiscardedDuplicate, 1));
        AssertBalance(other, accepted: 1, written: 1, pending: 0);
    }

    [Fact]
    public async Task ProgressOfAnotherIncarnation_StopsWithWhatToDo()
    {
        await using var bench = new WorkerBench();
        await WorkerBench.StopAsync(await bench.StartAsync());
        bench.Journal.Incarnation = 2;

        var worker = await bench.StartAsync();

        Assert.Equal(SinkState.Stopped, worker.Condition.State);
        Assert.Contains("divolte sinks restart sink", worker.Condition.Reason, StringComparison.Ordinal);
        await WorkerBench.StopAsync(worker);
        Assert.Equal(1, bench.Sink.Opened);
    }

    [Fact]
    public async Task DestinationFurtherThanTheJournal_StopsWithWhatToDoAndSkipsNothing()
    {
        var sink = new ScriptedSink { KeepsPositions = true };
        await using var bench = new WorkerBench { Sink = sink };
        await bench.AppendAsync(AFrame.Of("a"));
        sink.Confirmed = new JournalPosition(bench.Journal.Incarnation, 1_000_000);

        var worker = await bench.StartAsync();
        await bench.AdvanceUntilAsync(UntilAsync(() => worker.Condition.State == SinkState.Stopped));

        Assert.Contains("1000000", worker.Condition.Reason, StringComparison.Ordinal);
        Assert.Contains("divolte sinks restart sink", worker.Condition.Reason, StringComparison.Ordinal);
        Assert.True(worker.Confirmed.Offset < 1_000_000);
    }

    [Fact]
    public async Task RestartByCommand_GoesOnWithABalancedLedger()
    {
        await using var bench = new WorkerBench { Sink = new ScriptedSink { KeepsPositions = true } };
        var first = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.DeliverAsync(first);
        await WorkerBench.StopAsync(first);
        bench.Journal.Incarnation = 2;

        await bench.Cursors.RestartAsync("sink", CursorStart.Oldest, Token);
        var second = await bench.StartAsync();
        await bench.DeliverAsync(second);
        await WorkerBench.StopAsync(second);

        Assert.Equal(SinkState.Running, second.Condition.State);
        Assert.Equal(["a", "a"], bench.Sink.Ids);
        AssertBalance(await bench.LedgerAsync(second), accepted: 2, written: 2, pending: 0);
    }

    [Fact]
    public async Task EntryThatThisBuildCannotRead_StopsTheSinkAndSkipsNothing()
    {
        await using var bench = new WorkerBench();
        var worker = await bench.StartAsync();
        var frame = AFrame.Of("a");
        frame[0] = 99;
        await bench.Journal.AppendAsync(new ShardAppend(0, 1, Guid.Empty, 1, 1, 1, frame, []), Token);
        await bench.DeliverAsync(worker);

        await bench.AdvanceUntilAsync(UntilAsync(() => worker.Condition.State == SinkState.Stopped));

        Assert.Contains("99", worker.Condition.Reason, StringComparison.Ordinal);
        Assert.Equal(0, worker.Confirmed.Offset);
    }

    [Fact]
    public async Task StopWithAnUnreachableDestination_EndsWithinItsBound()
    {
        await using var bench = new WorkerBench();
        bench.Sink.HoldsOutcomes = true;
        var worker = await bench.StartAsync();
        await bench.AppendAsync(AFrame.Of("a"));
        await bench.DeliverAsync(worker);
        await bench.Sink.UntilAsync(sink => sink.Batches == 1, "the hand-over");

        var stop = worker.StopAsync(TimeSpan.FromSeconds(5));
        await bench.AdvanceUntilAsync(stop);

        Assert.Equal(0, worker.Confirmed.Offset);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void AssertBalance(LedgerLine line, long accepted, long written, long pending, params (DropReason Reason, long Events)[] ended)
    {
        Assert.Equal((accepted, written, pending), (line.Accepted, line.Written, line.Pending));
        Assert.Equal(ended.ToDictionary(end => end.Reason, end => end.Events), line.Ended);
        Assert.Equal(line.Accepted, line.Written + line.Ended.Values.Sum() + line.Pending);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
            await Task.Yield();
    }
}
