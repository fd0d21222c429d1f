using System.Text;
using Divolte.Frontend.Submission;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Submission;

public sealed class EventSubmitterTests : IAsyncDisposable
{
    private readonly ShardMap _shards = new(4, 2);
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedGrid _grid = new();
    private readonly List<(string Source, DropReason Reason)> _dropped = [];
    private readonly List<EventSubmitter> _submitters = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var submitter in _submitters)
            await submitter.DisposeAsync();
    }

    [Fact]
    public void FirstEvent_LeavesAtOnce()
    {
        var outcome = Submit(Submitter(), "a");

        Assert.Equal(["a"], _grid.Last.Events);
        Assert.False(outcome.IsCompleted);
    }

    [Fact]
    public async Task Frame_HasTheFormatThatTheClusterWritesNow()
    {
        var formats = new List<int>();
        var format = 1;
        await using var submitter = new EventSubmitter(
            _shards,
            new GridOptions(),
            (batch, _) =>
            {
                var reader = new EventBatchReader(batch.Parts);
                Assert.True(reader.MoveNext());
                formats.Add(reader.Frames.Span[0]);
                return Task.FromResult(BatchReceipt.Uniform(batch.EventCount, EventVerdict.Accepted));
            },
            _time,
            format: () => format);
        await Submit(submitter, "a");
        format = 7;
        await Submit(submitter, "b");

        Assert.Equal([1, 7], formats);
    }

    [Fact]
    public async Task ManyAnsweredEvents_ShareBatchesAndAllLeave()
    {
        const int Events = 3000;
        await using var submitter = new EventSubmitter(
            _shards, new GridOptions(), static (batch, _) => Task.FromResult(BatchReceipt.Uniform(batch.EventCount, EventVerdict.Accepted)), _time);
        for (var number = 0; number < Events; number++)
        {
            _time.Advance(TimeSpan.FromMicroseconds(50));
            var frame = AFrame.Of($"e{number}", AFrame.PartyOf(number % 4, _shards));
            Assert.Equal(SubmitOutcome.Received, await submitter.SubmitAsync(frame, Acknowledgement.Received));
            // A call under way would gather events by itself.
            SpinWait.SpinUntil(() => submitter.Figures is var figures && figures.EventsDurable == figures.EventsSent, TimeSpan.FromSeconds(10));
        }
        // Nobody comes any more: what still waits leaves when its time is over.
        for (var tries = 0; tries < 2000 && submitter.Figures.EventsDurable < Events; tries++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal(Events, submitter.Figures.EventsDurable);
        Assert.InRange(submitter.Figures.Calls, 1, Events / 4); // the first hundreds leave alone, until it is seen that many come
    }

    [Fact]
    public async Task WhatDidNotFit_GoesWhenACallIsFreeWhoeverCame()
    {
        var submitter = Submitter(new SubmissionBounds { CallsMax = 1, BatchEventsMax = 10, PartEventsMax = 10 });
        // So many come that they are held; what is sent is answered at once.
        var number = 0;
        for (; number < 1000; number++)
        {
            await ReceiveAsync(submitter, number);
            while (_grid.Calls.Count > 0 && !_grid.Last.Answer.Task.IsCompleted)
            {
                var sent = submitter.Figures.EventsSent;
                _grid.Last.Reply(EventVerdict.Accepted);
                await EventuallyAsync(() => submitter.Figures.EventsDurable >= sent);
            }
        }
        for (; number < 1400 && _grid.Last.Answer.Task.IsCompleted; number++)
            await ReceiveAsync(submitter, number);
        for (var more = 0; more < 40; more++)
            await ReceiveAsync(submitter, number++);
        var waiting = _grid.Calls.Count;

        _grid.Last.Reply(EventVerdict.Accepted); // no time passes

        await EventuallyAsync(() => _grid.Calls.Count == waiting + 1);
        Assert.Equal(10, _grid.Last.EventCount);
    }

    [Theory]
    [InlineData(EventVerdict.Accepted)]
    [InlineData(EventVerdict.Duplicate)]
    [InlineData(EventVerdict.AlreadyWritten)]
    public async Task DurableVerdict_IsTold(EventVerdict verdict)
    {
        var outcome = Submit(Submitter(), "a");

        _grid.Last.Reply(verdict);

        Assert.Equal(SubmitOutcome.Durable, await outcome);
    }

    [Fact]
    public void EventsOfOneShard_CollectWhileItsPartIsOnItsWay()
    {
        var submitter = Submitter();
        _ = Submit(submitter, "a");
        _ = Submit(submitter, "b");
        _ = Submit(submitter, "c");

        Assert.Single(_grid.Calls);
        _grid.Last.Reply(EventVerdict.Accepted);

        Assert.Equal(2, _grid.Calls.Count);
        Assert.Equal(["b", "c"], _grid.Last.Events);
        Assert.Equal(2, _grid.Last.Parts[0].Head.Sequence);
        Assert.Equal(2, _grid.Last.Parts[0].Head.SettledBelow);
    }

    [Fact]
    public void NoCallFree_EventsOfAllShardsShareTheNextBatch()
    {
        var submitter = Submitter(new SubmissionBounds { CallsMax = 1 });
        _ = Submit(submitter, "a", shard: 0);
        _ = Submit(submitter, "b", shard: 1);
        _ = Submit(submitter, "c", shard: 2);
        _ = Submit(submitter, "d", shard: 1);

        _grid.Last.Reply(EventVerdict.Accepted);

        Assert.Equal([1, 2], _grid.Last.Parts.Select(part => part.Head.Shard));
        Assert.Equal(["b", "d", "c"], _grid.Last.Events);
        Assert.Equal(3, _grid.Last.EventCount);
    }

    [Fact]
    public void CallsOnTheWay_AreBounded()
    {
        var submitter = Submitter(new SubmissionBounds { CallsMax = 2 });
        for (var shard = 0; shard < 4; shard++)
            _ = Submit(submitter, "e" + shard, shard);

        Assert.Equal(2, _grid.Calls.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Batch_IsBoundedInBytesAndEvents(bool isBytes)
    {
        var frame = AFrame.Of("x", AFrame.PartyOf(0, _shards)).Length;
        var bounds = isBytes
            ? new SubmissionBounds { CallsMax = 1, PartBytesMax = frame, BatchBytesMax = 3 * frame }
            : new SubmissionBounds { CallsMax = 1, PartEventsMax = 1, BatchEventsMax = 3 };
        var submitter = Submitter(bounds);
        _ = Submit(submitter, "0");
        foreach (var id in "12345678")
            _ = Submit(submitter, id.ToString(), shard: id % 4);

        var largest = new List<int>();
        while (_grid.Calls.Sum(call => call.EventCount) < 9)
        {
            _grid.Last.Reply(EventVerdict.Accepted);
            largest.Add(_grid.Last.EventCount);
        }
        Assert.Equal(3, largest.Max());
    }

    [Fact]
    public async Task EventLargerThanABatch_GoesAlone()
    {
        var submitter = Submitter(new SubmissionBounds { BatchBytesMax = 1000, PartBytesMax = 1000 });

        var outcome = submitter.SubmitAsync(AFrame.Of("big", padding: 50_000), Acknowledgement.Durable);
        _grid.Last.Reply(EventVerdict.Accepted);

        Assert.Equal(SubmitOutcome.Durable, await outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RetryOrFailedCall_IsDeliveredAgainUnderTheSameSequence_AndNothingOvertakes(bool isAnswered)
    {
        var submitter = Submitter();
        var first = Submit(submitter, "a");
        _ = Submit(submitter, "b");

        if (isAnswered)
            _grid.Last.Reply(EventVerdict.Retry);
        else
            _grid.Last.Fail();
        Assert.Single(_grid.Calls);
        Advance(50);

        Assert.Equal(["a"], _grid.Last.Events);
        Assert.Equal(1, _grid.Last.Parts[0].Head.Sequence);
        _grid.Last.Reply(EventVerdict.AlreadyWritten);
        Assert.Equal(SubmitOutcome.Durable, await first);
        Assert.Equal(["b"], _grid.Last.Events);
    }

    [Fact]
    public void ShardInRetry_DoesNotHoldUpOthers()
    {
        var submitter = Submitter();
        _ = Submit(submitter, "a", shard: 0);
        _grid.Last.Reply(EventVerdict.Retry);

        _ = Submit(submitter, "b", shard: 1);

        Assert.Equal(["b"], _grid.Last.Events);
    }

    [Fact]
    public async Task NoAnswerInTime_TellsNotDurable_AndStillDelivers()
    {
        var submitter = Submitter();
        var outcome = Submit(submitter, "a");

        Advance(500);

        Assert.Equal(SubmitOutcome.NotDurable, await outcome);
        _grid.Last.Fail();
        Advance(50);
        Assert.Equal(2, _grid.Calls.Count);
        Assert.Equal(["a"], _grid.Last.Events);
        _grid.Last.Reply(EventVerdict.Accepted);
        Assert.Equal(1, submitter.Figures.EventsDurable);
        Assert.Empty(_dropped);
    }

    [Fact]
    public async Task EventsOfOnePart_EndTheirWaitsEachInItsTime()
    {
        var submitter = Submitter(new SubmissionBounds { CallsMax = 1 });
        _ = Submit(submitter, "0");
        var early = Submit(submitter, "early");
        Advance(250);
        var late = Submit(submitter, "late");

        Advance(250);

        Assert.Equal(SubmitOutcome.NotDurable, await early);
        Assert.False(late.IsCompleted);
    }

    [Fact]
    public void AnsweredEvent_IsGivenUpAfterItsTime_AndItsSequencePasses()
    {
        var submitter = Submitter(new SubmissionBounds { AnsweredKeptMax = TimeSpan.FromSeconds(2) });
        _ = Submit(submitter, "a");
        for (var failures = 0; failures < 40; failures++)
        {
            if (!_grid.Last.Answer.Task.IsCompleted)
                _grid.Last.Fail();
            Advance(100);
        }
        Assert.Equal([(AFrame.Source, DropReason.NotDurable)], _dropped);
        Assert.Equal(0, submitter.Figures.QueuedBytes);

        _ = Submit(submitter, "b");

        Assert.Equal(new(0, 1, 2, 2), _grid.Last.Parts[0].Head);
    }

    [Fact]
    public async Task JournalUnavailable_IsTriedAgainUntilTheAnswerIsDue_ThenGivenUpAtOnce()
    {
        var submitter = Submitter();
        var outcome = Submit(submitter, "a");
        _grid.Last.Reply(EventVerdict.Unavailable);
        Assert.False(outcome.IsCompleted);
        Advance(50);
        Assert.Equal(2, _grid.Calls.Count);

        _grid.Last.Reply(EventVerdict.Unavailable);
        Advance(450);

        Assert.Equal(SubmitOutcome.NotDurable, await outcome);
        if (!_grid.Last.Answer.Task.IsCompleted)
            _grid.Last.Reply(EventVerdict.Unavailable);
        Assert.Equal(1, submitter.Figures.EventsGivenUp);
        Assert.Equal(0, submitter.Figures.QueuedEvents);
    }

    [Fact]
    public async Task QueueFull_TellsOverload()
    {
        var submitter = Submitter(new SubmissionBounds { QueueEventsMax = 2 });
        _ = Submit(submitter, "a");
        _ = Submit(submitter, "b");

        Assert.Equal(SubmitOutcome.Overload, await Submit(submitter, "c"));
        Assert.Equal([(AFrame.Source, DropReason.Overload)], _dropped);
    }

    [Fact]
    public async Task QueueFullOfBytes_TellsOverload()
    {
        var submitter = Submitter(new SubmissionBounds { QueueBytesMax = 1000 });
        _ = Submit(submitter, "a");

        Assert.Equal(SubmitOutcome.Overload, await submitter.SubmitAsync(AFrame.Of("b", padding: 1000), Acknowledgement.Durable));
    }

    [Fact]
    public async Task QueueFullOfAnsweredEvents_MakesRoomForThoseWhoWait()
    {
        var submitter = Submitter(new SubmissionBounds { QueueEventsMax = 1 });
        var answered = Submit(submitter, "a");
        Advance(500);
        Assert.Equal(SubmitOutcome.NotDurable, await answered);
        _grid.Last.Fail();

        var waiting = Submit(submitter, "b");

        Assert.False(waiting.IsCompleted);
        Assert.Equal(["b"], _grid.Last.Events);
        Assert.Equal([(AFrame.Source, DropReason.NotDurable)], _dropped);
    }

    [Fact]
    public async Task Received_IsToldAtOnce_AndDeliveredUntilDurable()
    {
        var submitter = Submitter();

        Assert.Equal(SubmitOutcome.Received, await submitter.SubmitAsync(AFrame.Of("a"), Acknowledgement.Received));
        for (var failures = 0; failures < 100; failures++)
        {
            if (!_grid.Last.Answer.Task.IsCompleted)
                _grid.Last.Reply(EventVerdict.Unavailable);
            Advance(500);
        }
        _grid.Last.Reply(EventVerdict.Accepted);

        Assert.Equal(1, submitter.Figures.EventsDurable);
        Assert.Empty(_dropped);
    }

    [Fact]
    public async Task Received_IsBoundedToo()
    {
        var submitter = Submitter(new SubmissionBounds { QueueEventsMax = 1 });
        _ = await submitter.SubmitAsync(AFrame.Of("a"), Acknowledgement.Received);

        Assert.Equal(SubmitOutcome.Overload, await submitter.SubmitAsync(AFrame.Of("b"), Acknowledgement.Received));
    }

    [Fact]
    public async Task Drain_WaitsForWhatWasTaken_AndRefusesTheRest()
    {
        var submitter = Submitter();
        var taken = Submit(submitter, "a");

        var drained = submitter.DrainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(SubmitOutcome.Stopping, await Submit(submitter, "b"));
        Assert.False(drained.IsCompleted);
        _grid.Last.Reply(EventVerdict.Accepted);
        await drained;
        Assert.Equal(SubmitOutcome.Durable, await taken);
        Assert.Equal([(AFrame.Source, DropReason.Stopping)], _dropped);
    }

    [Fact]
    public async Task DrainEnded_AnswersEveryoneWhoWaits()
    {
        var submitter = Submitter();
        var taken = Submit(submitter, "a");
        using var patience = new CancellationTokenSource();
        var drained = submitter.DrainAsync(patience.Token);

        await patience.CancelAsync();
        await drained;

        Assert.Equal(SubmitOutcome.Stopping, await taken);
        Assert.Equal(0, submitter.Figures.QueuedEvents);
        _grid.Last.Reply(EventVerdict.Accepted); // too late; nothing may break
    }

    [Fact]
    public async Task AnswerOfAnotherLength_CountsAsNone()
    {
        var submitter = Submitter();
        var outcome = Submit(submitter, "a");

        _grid.Last.Answer.SetResult(BatchReceipt.Uniform(7, EventVerdict.Accepted));
        Advance(50);

        Assert.False(outcome.IsCompleted);
        Assert.False(submitter.IsGridAnswering);
        Assert.Equal(2, _grid.Calls.Count);
        _grid.Last.Reply(EventVerdict.Accepted);
        Assert.Equal(SubmitOutcome.Durable, await outcome);
        Assert.True(submitter.IsGridAnswering);
    }

    [Fact]
    public void MixedVerdictsInOneBatch_EachPartHasItsOwn()
    {
        var submitter = Submitter(new SubmissionBounds { CallsMax = 1 });
        _ = Submit(submitter, "0", shard: 3);
        var first = Submit(submitter, "a", shard: 0);
        var second = Submit(submitter, "b", shard: 1);
        _grid.Last.Reply(EventVerdict.Accepted);

        _grid.Last.Answer.SetResult(new BatchReceipt([(byte)EventVerdict.Retry, (byte)EventVerdict.Accepted]));

        Assert.False(first.IsCompleted);
        Assert.True(second.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task ManyThreads_EveryEventHasItsOutcomeAndIsDeliveredOnce()
    {
        const int Threads = 4, PerThread = 2000;
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await using var submitter = new EventSubmitter(_shards, new GridOptions { AnswerTimeout = TimeSpan.FromMinutes(5) }, async (batch, _) =>
        {
            foreach (var id in new ScriptedGrid.Call(batch).Events)
                seen.AddOrUpdate(id, 1, static (_, count) => count + 1);
            await Task.Yield();
            return BatchReceipt.Uniform(batch.EventCount, EventVerdict.Accepted);
        }, TimeProvider.System);

        var clients = Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            for (var number = 0; number < PerThread; number++)
            {
                var party = "0:" + (number % 16);
                if (await submitter.SubmitAsync(AFrame.Of($"{thread}-{number}", party), Acknowledgement.Durable) != SubmitOutcome.Durable)
                    return false;
            }
            return true;
        }));

        Assert.All(await Task.WhenAll(clients), Assert.True);
        Assert.Equal(Threads * PerThread, seen.Count);
        Assert.All(seen.Values, count => Assert.Equal(1, count));
    }

    private EventSubmitter Submitter(SubmissionBounds? bounds = null)
    {
        var submitter = new EventSubmitter(
            _shards, new GridOptions(), _grid.SendAsync, _time, (source, reason) => _dropped.Add((Encoding.UTF8.GetString(source), reason)), bounds,
            schedule: static chunk => chunk.Execute());
        _submitters.Add(submitter);
        return submitter;
    }

    private async Task ReceiveAsync(EventSubmitter submitter, int number)
    {
        _time.Advance(TimeSpan.FromMicroseconds(50));
        var outcome = await submitter.SubmitAsync(AFrame.Of($"e{number}", AFrame.PartyOf(number % 4, _shards)), Acknowledgement.Received);
        Assert.Equal(SubmitOutcome.Received, outcome);
    }

    private static async Task EventuallyAsync(Func<bool> isSo)
    {
        for (var tries = 0; tries < 1000 && !isSo(); tries++)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Assert.True(isSo());
    }

    private Task<SubmitOutcome> Submit(EventSubmitter submitter, string eventId, int shard = 0) =>
        submitter.SubmitAsync(AFrame.Of(eventId, AFrame.PartyOf(shard, _shards)), Acknowledgement.Durable).AsTask();

    /// <summary>In the steps of the batcher's own timer, which is set anew at each.</summary>
    private void Advance(int milliseconds)
    {
        for (var passed = 0; passed < milliseconds; passed += 5)
            _time.Advance(TimeSpan.FromMilliseconds(5));
    }
}
