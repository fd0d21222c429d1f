using Divolte.Grains.Deduplication;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using Divolte.Grains.Telemetry;
using Divolte.TestKit;
using Divolte.TestKit.Deduplication;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

public sealed class ShardPipelineTests : IDisposable
{
    private const int Shard = 1;
    private const EventVerdict Accepted = EventVerdict.Accepted, Duplicate = EventVerdict.Duplicate, Retry = EventVerdict.Retry;

    private readonly FakeTimeProvider _time = new();
    private readonly GridMetrics _metrics = new();
    private readonly ScriptedJournal _journal;
    private readonly ShardMemories _memories;

    public ShardPipelineTests()
    {
        _journal = new ScriptedJournal(_time);
        _memories = new ShardMemories(new GridOptions(), new MapperOptions { DuplicateMemorySize = 4 }, new ShardMap(4, 2), _time, seed: 7);
    }

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task FirstSight_IsAccepted_RepetitionIsFlaggedAndWritten()
    {
        var pipeline = await ClaimAsync();

        Assert.Equal([Accepted, Accepted], await AcceptAsync(pipeline, APart.Of(1, "a", "b")));
        Assert.Equal([Duplicate, Accepted], await AcceptAsync(pipeline, APart.Of(2, "a", "c")));

        Assert.Equal(["a", "b", "a*", "c"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task RepetitionWithinOnePart_IsFlagged()
    {
        var pipeline = await ClaimAsync();

        Assert.Equal([Accepted, Duplicate], await AcceptAsync(pipeline, APart.Of(1, "a", "a")));

        Assert.Equal(["a", "a*"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task Redelivery_IsAnsweredWithoutAWrite()
    {
        var pipeline = await ClaimAsync();
        await AcceptAsync(pipeline, APart.Of(1, "a"));

        Assert.Equal([EventVerdict.AlreadyWritten], await AcceptAsync(pipeline, APart.Of(1, "a")));

        Assert.Equal(["a"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task RedeliveryDuringTheWrite_WaitsAndIsNotWrittenAgain()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        var first = AcceptAsync(pipeline, APart.Of(1, "a"));
        var again = AcceptAsync(pipeline, APart.Of(1, "a"));
        Assert.Single(_journal.WaitingAppends);
        Assert.False(again.IsCompleted);

        _journal.Decide(AppendStatus.Appended);

        Assert.Equal([Accepted], await first);
        Assert.Equal([EventVerdict.AlreadyWritten], await again);
    }

    [Fact]
    public async Task RepetitionDuringTheWrite_IsADuplicateIfItSucceeds()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        var first = AcceptAsync(pipeline, APart.Of(1, "a"));
        var repeated = AcceptAsync(pipeline, APart.Of(1, "b", "a").From(APart.FrontendB));
        Assert.Single(_journal.WaitingAppends);

        _journal.Decide(AppendStatus.Appended);
        await first;
        await AppendsWaitingAsync(1);
        _journal.Decide(AppendStatus.Appended);

        Assert.Equal([Accepted, Duplicate], await repeated);
    }

    [Fact]
    public async Task RepetitionDuringTheWrite_BecomesTheFirstSightIfItFails()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        var first = AcceptAsync(pipeline, APart.Of(1, "a"));
        var repeated = AcceptAsync(pipeline, APart.Of(1, "a").From(APart.FrontendB));

        _journal.Decide(AppendStatus.Unavailable);

        Assert.Equal([EventVerdict.Unavailable], await first);
        await AppendsWaitingAsync(1);
        _journal.Decide(AppendStatus.Appended);
        Assert.Equal([Accepted], await repeated);
        Assert.Equal(["a"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task WaitingPart_HoldsNoReservations()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        _ = AcceptAsync(pipeline, APart.Of(1, "a"));
        _ = AcceptAsync(pipeline, APart.Of(1, "b", "a").From(APart.FrontendB));

        _ = AcceptAsync(pipeline, APart.Of(2, "b"));

        Assert.Equal(2, _journal.WaitingAppends.Count); // a and the second b: the part that waits has let its b go
    }

    [Fact]
    public async Task DifferentEvents_AreWrittenAtTheSameTime()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;

        var first = AcceptAsync(pipeline, APart.Of(1, "a"));
        var second = AcceptAsync(pipeline, APart.Of(1, "b").From(APart.FrontendB));

        Assert.Equal(2, _journal.WaitingAppends.Count);
        _journal.Decide(AppendStatus.Appended, index: 1);
        Assert.Equal([Accepted], await second);
        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task FlagOfAFailedTry_DoesNotStick()
    {
        var pipeline = await ClaimAsync();
        await AcceptAsync(pipeline, APart.Of(1, "a"));
        var part = APart.Of(2, "a");
        _journal.IsManual = true;
        var failed = AcceptAsync(pipeline, part);
        _journal.Decide(AppendStatus.Unavailable);
        await failed;
        _journal.IsManual = false;
        _time.Advance(TimeSpan.FromMinutes(11)); // forgotten, but for the one that the minimum keeps
        await AcceptAsync(pipeline, APart.Of(1, "x", "y").From(APart.FrontendB));

        Assert.Equal([Accepted], await AcceptAsync(pipeline, part));

        Assert.Equal(["a", "x", "y", "a"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task SettledPart_IsNeverAppended()
    {
        var pipeline = await ClaimAsync();
        await AcceptAsync(pipeline, APart.Of(2, "b").Settled(2));

        Assert.Equal([EventVerdict.Settled], await AcceptAsync(pipeline, APart.Of(1, "a").Settled(1)));

        Assert.Equal(["b"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task SettledWhileItsWriteIsPending_IsAppendedOnce()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        var late = AcceptAsync(pipeline, APart.Of(1, "a"));
        var next = AcceptAsync(pipeline, APart.Of(2, "b"));
        _journal.Decide(AppendStatus.Appended, index: 1);
        _journal.Decide(AppendStatus.Appended);
        Assert.Equal([Accepted], await late);
        Assert.Equal([Accepted], await next);
        _journal.IsManual = false;

        Assert.Equal([EventVerdict.Settled], await AcceptAsync(pipeline, APart.Of(1, "a")));

        Assert.Equal(["b", "a"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task TooManyUnsettledParts_AreRetriedNotForgotten()
    {
        var pipeline = await ClaimAsync();
        for (var sequence = 1; sequence <= RedeliveryMemory.UnsettledMax; sequence++)
            await AcceptAsync(pipeline, APart.Of(sequence, "e" + sequence).Settled(1));

        Assert.Equal([Retry], await AcceptAsync(pipeline, APart.Of(1000, "z").Settled(1)));
        Assert.Equal([EventVerdict.AlreadyWritten], await AcceptAsync(pipeline, APart.Of(1, "e1")));
    }

    [Fact]
    public async Task StaleEpoch_RetriesAndClosesForGood()
    {
        var pipeline = await ClaimAsync();
        await ClaimAsync();

        Assert.Equal([Retry], await AcceptAsync(pipeline, APart.Of(1, "a")));

        Assert.Equal(AppendStatus.StaleEpoch, await pipeline.Lost);
        Assert.Null(await AcceptAsync(pipeline, APart.Of(1, "a")));
        Assert.Empty(_journal.EventsOf(Shard));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UnknownWrite_IsLearnedFromTheNextClaim(bool isWritten)
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        var unknown = AcceptAsync(pipeline, APart.Of(1, "a"));
        _journal.Decide(AppendStatus.Unknown, isWritten);
        Assert.Equal([Retry], await unknown);
        Assert.Equal(AppendStatus.Unknown, await pipeline.Lost);
        _journal.IsManual = false;

        var next = await ClaimAsync();

        Assert.Equal([isWritten ? EventVerdict.AlreadyWritten : Accepted], await AcceptAsync(next, APart.Of(1, "a")));
        Assert.Equal([Duplicate], await AcceptAsync(next, APart.Of(2, "a")));
        Assert.Equal(["a", "a*"], _journal.EventsOf(Shard));
    }

    [Fact]
    public async Task JournalThatThrows_ClosesThePipelineAndForgetsTheReservation()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        using var cancelled = new CancellationTokenSource();
        var accepting = AcceptAsync(pipeline, APart.Of(1, "a"));
        _journal.Throw(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => accepting);

        Assert.Equal(AppendStatus.Unknown, await pipeline.Lost);
        await pipeline.CloseAsync();
    }

    [Fact]
    public async Task Close_WaitsForWritesUnderWay()
    {
        var pipeline = await ClaimAsync();
        _journal.IsManual = true;
        var accepting = AcceptAsync(pipeline, APart.Of(1, "a"));

        var closed = pipeline.CloseAsync();

        Assert.False(closed.IsCompleted);
        Assert.Null(await AcceptAsync(pipeline, APart.Of(2, "b")));
        _journal.Decide(AppendStatus.Appended);
        await closed;
        Assert.Equal([Accepted], await accepting);
    }

    [Fact]
    public async Task FramesThatAreNotWhole_AreRefusedBeforeAnythingHappens()
    {
        var pipeline = await ClaimAsync();
        var part = APart.Of(1, "a", "b");

        await Assert.ThrowsAsync<InvalidDataException>(() => AcceptAsync(pipeline, part with { Frames = part.Frames[..^3] }));
        await Assert.ThrowsAsync<InvalidDataException>(() => AcceptAsync(pipeline, part with { EventCount = 3 }));

        Assert.Equal([Accepted, Accepted], await AcceptAsync(pipeline, part));
    }

    [Fact]
    public async Task Events_AreCountedBySource()
    {
        var pipeline = await ClaimAsync();
        byte[] frames = [.. AFrame.Of("a"), .. AFrame.Of("b", source: "json"), .. AFrame.Of("c")];

        await AcceptAsync(pipeline, new APart(1, 1, frames, 3, APart.FrontendA));

        Assert.Equal([new SourceCount("browser", 2), new SourceCount("json", 1)], _journal.SourcesOf(Shard));
    }

    [Fact]
    public async Task NextActivation_RemembersEventsAndDeliveries()
    {
        await AcceptAsync(await ClaimAsync(), APart.Of(1, "a"));

        var next = await ClaimAsync();

        Assert.Equal([EventVerdict.AlreadyWritten], await AcceptAsync(next, APart.Of(1, "a")));
        Assert.Equal([Duplicate], await AcceptAsync(next, APart.Of(2, "a")));
    }

    private async Task<ShardPipeline> ClaimAsync()
    {
        var claim = await _journal.ClaimAsync(Shard, TestContext.Current.CancellationToken);
        return new ShardPipeline(Shard, claim.Epoch, _memories.Create(claim, [], out _), _journal, new SourceTally(), _metrics);
    }

    private static async Task<EventVerdict[]?> AcceptAsync(ShardPipeline pipeline, APart part)
    {
        var verdicts = new byte[part.EventCount];
        var isTaken = await pipeline.AcceptAsync(part.Frontend, part.Head(Shard), part.Frames, verdicts, TestContext.Current.CancellationToken);
        return isTaken ? [.. verdicts.Select(verdict => (EventVerdict)verdict)] : null;
    }

    /// <summary>A part that waited for another goes on on the thread pool.</summary>
    private async Task AppendsWaitingAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (_journal.WaitingAppends.Count < count)
        {
            Assert.False(patience.IsCancellationRequested, $"waited for {count} appends, saw {_journal.WaitingAppends.Count}");
            await Task.Yield();
        }
    }
}
