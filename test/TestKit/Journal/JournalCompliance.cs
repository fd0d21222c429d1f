using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.TestKit.Journal;

/// <summary>What every journal keeps to. A new one inherits this and says how it is opened.</summary>
public abstract class JournalCompliance
{
    private const int Shards = 8;
    private const int Queues = 4;
    private const string Sink = "sink";
    private static readonly JournalParameters Parameters = new(Shards, Queues, "party");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the one store of the test; the earlier journal, if there was one, is disposed.</summary>
    internal abstract ValueTask<IJournal> OpenAsync(JournalParameters parameters);

    [Fact]
    public async Task AppendedEntries_AreReadInOrderAndUnchanged()
    {
        await using var journal = await OpenAsync(Parameters);
        var claim = await journal.ClaimAsync(1, Cancellation);
        var first = AnAppend.Of(claim, 1, 1, "a", "b");
        var second = AnAppend.Of(claim, 1, 2, "c");

        var written = await journal.AppendAsync(first, Cancellation);
        await journal.AppendAsync(second, Cancellation);

        var page = await journal.ReadAsync(1, From(journal), 1 << 20, Cancellation);
        Assert.Equal(AppendStatus.Appended, written.Status);
        Assert.Equal(2, page.Entries.Count);
        Assert.Equal(first.Frames.ToArray(), page.Entries[0].Frames.ToArray());
        Assert.Equal(second.Frames.ToArray(), page.Entries[1].Frames.ToArray());
        Assert.Equal(2, page.Entries[0].EventCount);
        Assert.Equal(1, page.Entries[0].Shard);
        Assert.Equal(written.StoreTime, page.Entries[0].AppendedAt);
        Assert.Equal(page.Next, page.Entries[1].Position);
    }

    [Fact]
    public async Task EntryPosition_IsWhereReadingGoesOn()
    {
        await using var journal = await OpenAsync(Parameters);
        await AppendAsync(journal, 1, "a", "b", "c");
        var entries = await AnAppend.ReadAllAsync(journal, 1);

        Assert.Equal(["b", "c"], await AnAppend.ReadIdsAsync(journal, 1, entries[0].Position));
        Assert.Empty(await AnAppend.ReadIdsAsync(journal, 1, entries[2].Position));
    }

    [Fact]
    public async Task NothingBehindThePosition_GivesAnEmptyPageThatStaysThere()
    {
        await using var journal = await OpenAsync(Parameters);
        await AppendAsync(journal, 1, "a");
        var end = (await journal.GetEndAsync(1, Cancellation)).Position;

        var page = await journal.ReadAsync(1, end, 1000, Cancellation);

        Assert.Empty(page.Entries);
        Assert.Equal(end, page.Next);
    }

    [Fact]
    public async Task Page_StopsNearItsBoundButHoldsOneEntryAtLeast()
    {
        await using var journal = await OpenAsync(Parameters);
        await AppendAsync(journal, 1, "a", "b", "c", "d");

        Assert.Single((await journal.ReadAsync(1, From(journal), 1, Cancellation)).Entries);
        Assert.InRange((await journal.ReadAsync(1, From(journal), 800, Cancellation)).Entries.Count, 1, 3);
    }

    [Fact]
    public async Task Queues_AreApart()
    {
        await using var journal = await OpenAsync(Parameters);
        await AppendAsync(journal, 0, "a");
        await AppendAsync(journal, 1, "b");
        await AppendAsync(journal, Queues, "c");

        Assert.Equal(["a", "c"], await AnAppend.ReadIdsAsync(journal, 0));
        Assert.Equal(["b"], await AnAppend.ReadIdsAsync(journal, 1));
        Assert.Empty(await AnAppend.ReadIdsAsync(journal, 2));
    }

    [Fact]
    public async Task OldEpoch_FailsItsShardAlone()
    {
        await using var journal = await OpenAsync(Parameters);
        var old = await journal.ClaimAsync(1, Cancellation);
        var other = await journal.ClaimAsync(5, Cancellation);
        var current = await journal.ClaimAsync(1, Cancellation);

        var outcomes = await Task.WhenAll(
            journal.AppendAsync(AnAppend.Of(old, 1, 1, "stale"), Cancellation).AsTask(),
            journal.AppendAsync(AnAppend.Of(other, 5, 1, "other"), Cancellation).AsTask(),
            journal.AppendAsync(AnAppend.Of(current, 1, 2, "current"), Cancellation).AsTask());

        Assert.Equal([AppendStatus.StaleEpoch, AppendStatus.Appended, AppendStatus.Appended], outcomes.Select(outcome => outcome.Status));
        Assert.True(current.Epoch > old.Epoch);
        Assert.Equal(["current", "other"], (await AnAppend.ReadIdsAsync(journal, 1)).Order());
    }

    [Fact]
    public async Task UnclaimedShard_TakesNothing()
    {
        await using var journal = await OpenAsync(Parameters);

        var outcome = await journal.AppendAsync(AnAppend.Of(1, 1, 1, [AFrame.Of("a")]), Cancellation);

        Assert.Equal(AppendStatus.StaleEpoch, outcome.Status);
    }

    [Fact]
    public async Task Claim_ReturnsTheMarksOfItsShardOldestFirst()
    {
        await using var journal = await OpenAsync(Parameters);
        var claim = await journal.ClaimAsync(1, Cancellation);
        var first = await journal.AppendAsync(AnAppend.Of(claim, 1, 1, "a", "b"), Cancellation);
        var second = await journal.AppendAsync(AnAppend.Of(claim, 1, 2, "c"), Cancellation);
        await AppendAsync(journal, 5, "other");

        var again = await journal.ClaimAsync(1, Cancellation);

        Assert.Equal(
            [new EventMark(KeyOf("a"), first.StoreTime), new EventMark(KeyOf("b"), first.StoreTime), new EventMark(KeyOf("c"), second.StoreTime)],
            again.Marks);
        Assert.True(again.Now >= second.StoreTime);
    }

    [Fact]
    public async Task RepeatedEvent_IsStoredButIsNoMark()
    {
        await using var journal = await OpenAsync(Parameters);
        var claim = await journal.ClaimAsync(1, Cancellation);
        await journal.AppendAsync(AnAppend.Of(claim.Epoch, 1, 1, [AFrame.Of("a"), AnAppend.Repeated("b")]), Cancellation);

        var again = await journal.ClaimAsync(1, Cancellation);

        Assert.Equal([KeyOf("a")], again.Marks.Select(mark => mark.Key));
        Assert.Equal(["a", "b"], await AnAppend.ReadIdsAsync(journal, 1));
    }

    [Fact]
    public async Task Claim_ReturnsWhatEachFrontendDelivered()
    {
        await using var journal = await OpenAsync(Parameters);
        var claim = await journal.ClaimAsync(1, Cancellation);
        foreach (var (sequence, settledBelow) in new[] { (1L, 1L), (2L, 1L), (4L, 2L), (5L, 2L) })
            await journal.AppendAsync(AnAppend.Of(claim, 1, sequence, $"{sequence}") with { SettledBelow = settledBelow }, Cancellation);
        var other = Guid.NewGuid();
        await journal.AppendAsync(AnAppend.Of(claim, 1, 9, "other") with { Frontend = other }, Cancellation);

        var redeliveries = (await journal.ClaimAsync(1, Cancellation)).Redeliveries.ToDictionary(one => one.Frontend);

        Assert.Equal(2, redeliveries.Count);
        Assert.Equal(2, redeliveries[AnAppend.Frontend].SettledBelow);
        Assert.Equal([2, 4, 5], redeliveries[AnAppend.Frontend].Appended.Order());
        Assert.Equal([9], redeliveries[other].Appended);
    }

    [Fact]
    public async Task Wait_EndsWithTheNextAppendToItsQueue()
    {
        await using var journal = await OpenAsync(Parameters);
        var waiting = journal.WaitAsync(1, From(journal), Cancellation).AsTask();
        await AppendAsync(journal, 2, "other queue");
        Assert.False(waiting.IsCompleted);

        await AppendAsync(journal, 1, "a");

        await waiting;
        await journal.WaitAsync(1, From(journal), Cancellation);
    }

    [Fact]
    public async Task Wait_EndsWithItsToken()
    {
        await using var journal = await OpenAsync(Parameters);
        using var source = new CancellationTokenSource();
        var waiting = journal.WaitAsync(1, From(journal), source.Token).AsTask();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task End_CountsAcceptedEventsBySource()
    {
        await using var journal = await OpenAsync(Parameters);
        var claim = await journal.ClaimAsync(1, Cancellation);
        await journal.AppendAsync(AnAppend.Of(claim.Epoch, 1, 1, [AFrame.Of("a"), AFrame.Of("b")], "web"), Cancellation);
        await journal.AppendAsync(AnAppend.Of(claim.Epoch, 1, 2, [AFrame.Of("c")], "app"), Cancellation);
        await journal.AppendAsync(AnAppend.Of(claim.Epoch, 1, 3, [AFrame.Of("d")], "web"), Cancellation);

        var end = await journal.GetEndAsync(1, Cancellation);

        Assert.Equal([new SourceCount("app", 1), new SourceCount("web", 3)], end.Accepted.OrderBy(one => one.Source));
        Assert.Equal((await AnAppend.ReadAllAsync(journal, 1))[^1].Position, end.Position);
        Assert.Empty((await journal.GetEndAsync(2, Cancellation)).Accepted);
    }

    [Fact]
    public async Task End_TellsSinceWhenTheOldestEntryWaits()
    {
        await using var journal = await OpenAsync(Parameters);
        await AppendAsync(journal, 1, "a", "b");
        var entries = await AnAppend.ReadAllAsync(journal, 1);
        await journal.SaveProgressAsync(new SinkProgress(Sink, 1, entries[1].Position, default), Cancellation);
        Assert.Null((await journal.GetEndAsync(1, Cancellation)).OldestWaiting);

        await journal.SaveProgressAsync(new SinkProgress("slow", 1, entries[0].Position, default), Cancellation);

        Assert.Equal(entries[1].AppendedAt, (await journal.GetEndAsync(1, Cancellation)).OldestWaiting);
    }

    [Fact]
    public async Task Progress_IsReadListedAndReleased()
    {
        await using var journal = await OpenAsync(Parameters);
        var progress = new SinkProgress(Sink, 1, From(journal) with { Offset = 7 }, new byte[] { 1, 2, 3 });
        Assert.Null(await journal.ReadProgressAsync(Sink, 1, Cancellation));
        await journal.SaveProgressAsync(progress with { Position = From(journal) }, Cancellation);
        await journal.SaveProgressAsync(progress, Cancellation);
        await journal.SaveProgressAsync(progress with { Sink = "other" }, Cancellation);

        AssertProgress(progress, await journal.ReadProgressAsync(Sink, 1, Cancellation));
        Assert.Equal(["other", Sink], (await journal.ListProgressAsync(Cancellation)).Select(one => one.Sink).Order());
        await journal.ReleaseAsync(Sink, Cancellation);

        Assert.Null(await journal.ReadProgressAsync(Sink, 1, Cancellation));
        Assert.Equal(["other"], (await journal.ListProgressAsync(Cancellation)).Select(one => one.Sink));
    }

    [Fact]
    public async Task ProgressOfASinkThatHasASuccessor_DoesNotGoBack()
    {
        await using var journal = await OpenAsync(Parameters);
        var further = new SinkProgress(Sink, 1, From(journal) with { Offset = 20 }, new byte[] { 2 });
        await journal.SaveProgressAsync(further, Cancellation);

        await journal.SaveProgressAsync(new SinkProgress(Sink, 1, From(journal) with { Offset = 10 }, new byte[] { 1 }), Cancellation);
        await journal.SaveProgressAsync(new SinkProgress(Sink, 1, new JournalPosition(journal.Incarnation - 1, 30), new byte[] { 1 }), Cancellation);

        AssertProgress(further, await journal.ReadProgressAsync(Sink, 1, Cancellation));
    }

    [Fact]
    public async Task ResetProgress_GoesWhereSomebodyDecided()
    {
        await using var journal = await OpenAsync(Parameters);
        await journal.SaveProgressAsync(new SinkProgress(Sink, 1, From(journal) with { Offset = 20 }, default), Cancellation);
        var decided = new SinkProgress(Sink, 1, From(journal) with { Offset = 10 }, new byte[] { 1 });

        await journal.ResetProgressAsync(decided, Cancellation);

        AssertProgress(decided, await journal.ReadProgressAsync(Sink, 1, Cancellation));
    }

    [Fact]
    public async Task Trim_KeepsWhatASinkHasNotConfirmed()
    {
        await using var journal = await OpenAsync(Parameters);
        await AppendAsync(journal, 1, "a", "b", "c");
        var entries = await AnAppend.ReadAllAsync(journal, 1);
        await journal.SaveProgressAsync(new SinkProgress("fast", 1, entries[2].Position, default), Cancellation);
        await journal.SaveProgressAsync(new SinkProgress(Sink, 1, entries[0].Position, default), Cancellation);

        await journal.TrimAsync(Cancellation);

        Assert.Equal(["b", "c"], await AnAppend.ReadIdsAsync(journal, 1, entries[0].Position));
        Assert.Equal([KeyOf("a"), KeyOf("b"), KeyOf("c")], (await journal.ClaimAsync(1, Cancellation)).Marks.Select(mark => mark.Key));
    }

    [Fact]
    public async Task EverythingIsThere_AfterOpeningAgain()
    {
        SinkProgress progress;
        long incarnation;
        long epoch;
        QueueEnd end;
        await using (var journal = await OpenAsync(Parameters))
        {
            epoch = (await AppendAsync(journal, 1, "a", "b")).Epoch;
            incarnation = journal.Incarnation;
            progress = new SinkProgress(Sink, 1, (await AnAppend.ReadAllAsync(journal, 1))[0].Position, new byte[] { 9 });
            await journal.SaveProgressAsync(progress, Cancellation);
            end = await journal.GetEndAsync(1, Cancellation);
        }

        await using var again = await OpenAsync(Parameters);

        Assert.Equal(incarnation, again.Incarnation);
        Assert.Equal(["a", "b"], await AnAppend.ReadIdsAsync(again, 1));
        AssertProgress(progress, await again.ReadProgressAsync(Sink, 1, Cancellation));
        var endAgain = await again.GetEndAsync(1, Cancellation);
        Assert.Equal(end.Position, endAgain.Position);
        Assert.Equal(end.Accepted, endAgain.Accepted);
        var claim = await again.ClaimAsync(1, Cancellation);
        Assert.True(claim.Epoch > epoch);
        Assert.Equal([KeyOf("a"), KeyOf("b")], claim.Marks.Select(mark => mark.Key));
        Assert.Equal([1, 2], claim.Redeliveries.Single().Appended);
        await again.AppendAsync(AnAppend.Of(claim, 1, 3, "c"), Cancellation);
        Assert.Equal(["a", "b", "c"], await AnAppend.ReadIdsAsync(again, 1));
    }

    [Fact]
    public async Task OtherParameters_AreRefusedWithBothValues()
    {
        await (await OpenAsync(Parameters)).DisposeAsync();

        var refusal = await Assert.ThrowsAsync<JournalException>(() => OpenAsync(Parameters with { Shards = 77 }).AsTask());

        Assert.Contains("77", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{Shards}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("shards", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalException>(() => OpenAsync(Parameters with { Queues = 3 }).AsTask());
        await Assert.ThrowsAsync<JournalException>(() => OpenAsync(Parameters with { RouteBy = "uri" }).AsTask());
    }

    [Fact]
    public async Task Health_IsGoodAndCountsBytes()
    {
        await using var journal = await OpenAsync(Parameters);
        var before = journal.Health;

        await AppendAsync(journal, 1, "a");

        Assert.True(before.CanAppend);
        Assert.Empty(before.Reason);
        Assert.True(journal.Health.BytesStored > before.BytesStored);
    }

    private static void AssertProgress(SinkProgress expected, SinkProgress? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected with { Ledger = default }, actual with { Ledger = default });
        Assert.Equal(expected.Ledger.ToArray(), actual.Ledger.ToArray());
    }

    private static JournalPosition From(IJournal journal) => new(journal.Incarnation, 0);

    private static ulong KeyOf(string eventId) => Divolte.Grains.Interfaces.Events.EventFrame.IdentityKeyOf(AFrame.Of(eventId));

    /// <summary>One entry for each event, from sequence 1 on.</summary>
    private static async Task<ShardClaim> AppendAsync(IJournal journal, int shard, params string[] eventIds)
    {
        var claim = await journal.ClaimAsync(shard, Cancellation);
        var sequence = 0;
        foreach (var eventId in eventIds)
        {
            var outcome = await journal.AppendAsync(AnAppend.Of(claim, shard, ++sequence, eventId), Cancellation);
            Assert.Equal(AppendStatus.Appended, outcome.Status);
        }
        return claim;
    }
}
