using Divolte.Frontend.Spool;
using Divolte.Frontend.Submission;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Identity;
using Divolte.TestKit;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Submission;

public sealed class SpooledSubmissionTests : IAsyncDisposable
{
    private readonly ShardMap _shards = new(4, 2);
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedGrid _grid = new();
    private readonly PowerCutFiles _files = new();
    private readonly List<DropReason> _dropped = [];
    private readonly TaskCompletionSource _hanging = new();
    private EventSpool _spool;
    private EventSubmitter _submitter;
    private bool _isDiskHanging;

    public SpooledSubmissionTests() => (_spool, _submitter) = Start();

    public async ValueTask DisposeAsync()
    {
        await _submitter.DisposeAsync();
        await _spool.DisposeAsync();
    }

    [Fact]
    public async Task NoAnswer_GoesToTheSpoolBeforeTheAnswerIsDue_UnderItsSequence()
    {
        var outcome = Submit("a");
        Advance(350);

        Assert.Equal(SubmitOutcome.Durable, await outcome);
        Assert.Equal(1, _spool.WaitingParts);
        _grid.Last.Fail();
        Advance(50);
        Assert.Equal(2, _grid.Calls.Count);
        Assert.Equal(_grid.Calls[0].Parts[0].Head, _grid.Last.Parts[0].Head);
        _grid.Last.Reply(EventVerdict.AlreadyWritten);
        Assert.Equal(0, _spool.WaitingParts);
    }

    [Fact]
    public async Task GridAway_EventsGoToTheSpoolAtOnce_AndAreSentInOrderBeforeNewerOnes()
    {
        _ = Submit("a");
        _grid.Last.Fail();
        var second = Submit("b");
        Advance(30);
        var third = Submit("c");
        Advance(30);
        Assert.Equal(SubmitOutcome.Durable, await second);
        Assert.Equal(SubmitOutcome.Durable, await third);
        Assert.Equal(0, _submitter.Figures.QueuedEvents);

        var sent = new List<string>();
        Advance(500);
        for (var answered = 1; answered < _grid.Calls.Count; answered++)
        {
            sent.AddRange(_grid.Calls[answered].Events);
            _grid.Calls[answered].Reply(EventVerdict.Accepted);
        }
        Assert.Equal(["a", "b", "c"], sent);
        Assert.Equal([1L, 2, 3], _grid.Calls.Skip(1).Select(call => call.Parts[0].Head.Sequence));
        Assert.Equal(0, _spool.WaitingParts);
    }

    [Fact]
    public async Task SlowShard_HoldsUpNoOther()
    {
        var slow = Submit("a", shard: 0);
        Advance(350);
        Assert.Equal(SubmitOutcome.Durable, await slow);

        var other = Submit("b", shard: 1);
        _grid.Last.Reply(EventVerdict.Accepted);

        Assert.Equal(SubmitOutcome.Durable, await other);
        Assert.Equal(1, _spool.WaitingParts);
    }

    [Fact]
    public async Task JournalUnavailable_GoesToTheSpool()
    {
        var outcome = Submit("a");
        _grid.Last.Reply(EventVerdict.Unavailable);
        for (var step = 0; step < 20; step++)
        {
            Advance(20);
            if (!_grid.Last.Answer.Task.IsCompleted)
                _grid.Last.Reply(EventVerdict.Unavailable);
        }

        Assert.Equal(SubmitOutcome.Durable, await outcome);
        Assert.Empty(_dropped);
    }

    [Fact]
    public async Task DiskFull_Tells503InTime()
    {
        _files.SyncsToFail = int.MaxValue;

        var outcome = Submit("a");
        Advance(500);

        Assert.Equal(SubmitOutcome.NotDurable, await outcome);
    }

    [Fact]
    public async Task ProcessThatWasHeldUp_AsksTheDiskBeforeItSaysNo()
    {
        var outcome = Submit("a");
        _time.Advance(TimeSpan.FromMilliseconds(700)); // one late tick, the first that sees the event

        Assert.Equal(SubmitOutcome.Durable, await outcome);
        Assert.Equal(1, _spool.WaitingParts);
    }

    [Fact]
    public async Task DiskThatWasAskedLate_HasItsTimeAndNoMore()
    {
        _isDiskHanging = true;
        var outcome = Submit("a");
        _time.Advance(TimeSpan.FromMilliseconds(700));
        Advance(170);
        Assert.False(outcome.IsCompleted);

        Advance(30);

        Assert.Equal(SubmitOutcome.NotDurable, await outcome);
        _hanging.SetResult();
    }

    [Fact]
    public async Task DiskThatHangs_Tells503InTimeToThoseBehindIt()
    {
        _isDiskHanging = true;
        _ = Submit("a");
        Advance(350);
        var behind = Submit("b");

        Advance(500);

        Assert.Equal(SubmitOutcome.NotDurable, await behind);
        _hanging.SetResult();
    }

    [Fact]
    public async Task KilledProcess_SendsItsSpoolUnderItsOldName_BeforeNewEventsOfTheShard()
    {
        var outcome = Submit("a");
        Advance(350);
        Assert.Equal(SubmitOutcome.Durable, await outcome);
        var old = _grid.Last;

        await RestartAsync();
        _ = Submit("b");
        Advance(30);

        var again = _grid.Last;
        Assert.Equal(["a"], again.Events);
        Assert.Equal(old.Frontend, again.Frontend);
        Assert.Equal(old.Parts[0].Head.Sequence, again.Parts[0].Head.Sequence);
        again.Reply(EventVerdict.AlreadyWritten);
        Assert.Equal(["b"], _grid.Last.Events);
        Assert.NotEqual(old.Frontend, _grid.Last.Frontend);
    }

    [Fact]
    public async Task SettledBefore_EndsAPartOfTheSpool()
    {
        _ = Submit("a");
        Advance(350);
        await RestartAsync();
        Advance(30);

        _grid.Last.Reply(EventVerdict.Settled);

        Assert.Equal(0, _spool.WaitingParts);
    }

    [Fact]
    public async Task PartsOfTwoLives_NeverShareABatch()
    {
        for (var shard = 0; shard < 4; shard++)
            _ = Submit("old" + shard, shard);
        Advance(350);
        await RestartAsync();
        for (var shard = 0; shard < 4; shard++)
            _ = Submit("new" + shard, shard);
        Advance(30);

        for (var answered = 0; answered < _grid.Calls.Count; answered++)
        {
            if (!_grid.Calls[answered].Answer.Task.IsCompleted)
                _grid.Calls[answered].Reply(EventVerdict.Accepted);
            Advance(5);
        }
        Assert.All(_grid.Calls, call => Assert.Single(call.Events.Select(name => name[..3]).Distinct()));
        Assert.Equal(0, _spool.WaitingParts);
    }

    [Fact]
    public async Task UnreadablePart_IsGivenUpAlone()
    {
        _ = Submit("a", shard: 0);
        _grid.Last.Fail();
        _ = Submit("b", shard: 0);
        Advance(50);
        await RestartAsync(damage: true);
        Advance(500);

        Assert.Contains("damaged", _spool.Figures.Warning, StringComparison.Ordinal);
        Assert.Contains(_grid.Calls, call => call.Events.Contains("b"));
    }

    [Fact]
    public async Task Drain_SpoolsWhatTheGridDoesNotTake()
    {
        var outcome = Submit("a");
        using var patience = new CancellationTokenSource();
        var drained = _submitter.DrainAsync(patience.Token);
        await patience.CancelAsync();
        await drained;

        Assert.Equal(SubmitOutcome.Durable, await outcome);
        Assert.Equal(1, _spool.WaitingParts);
        Assert.Empty(_dropped);
    }

    [Fact]
    public async Task Drain_WaitsForTheSpoolWhileTheGridTakesIt()
    {
        _ = Submit("a");
        Advance(350);
        var drained = _submitter.DrainAsync(TestContext.Current.CancellationToken);
        Advance(50);
        Assert.False(drained.IsCompleted);

        _grid.Last.Reply(EventVerdict.Accepted);

        await drained;
        Assert.Equal(0, _spool.WaitingParts);
    }

    [Fact]
    public async Task Received_GoesToTheSpoolToo()
    {
        Assert.Equal(SubmitOutcome.Received, await _submitter.SubmitAsync(AFrame.Of("a"), Acknowledgement.Received));
        Advance(350);

        Assert.Equal(1, _spool.WaitingParts);
    }

    [Fact]
    public async Task ManyEventsWhileTheGridIsAway_AreBoundedByTheDiskNotTheQueue()
    {
        _ = Submit("first");
        _grid.Last.Fail();
        var outcomes = new List<Task<SubmitOutcome>>();
        for (var round = 0; round < 50; round++)
        {
            for (var number = 0; number < 20; number++)
                outcomes.Add(Submit($"{round}-{number}", shard: number % 4));
            Advance(30);
            if (!_grid.Last.Answer.Task.IsCompleted)
                _grid.Last.Fail();
        }

        Assert.All(await Task.WhenAll(outcomes), outcome => Assert.Equal(SubmitOutcome.Durable, outcome));
        Assert.Equal(0, _submitter.Figures.QueuedEvents);
        Assert.Equal(1001, _spool.Figures.WaitingEvents);
    }

    private (EventSpool Spool, EventSubmitter Submitter) Start()
    {
        var spool = EventSpool.Open(
            _files, new SpoolBounds { BytesMax = 1 << 20 }, new SpoolOwner(4, "party"), Guid.NewGuid(), _time, NullLogger.Instance, async work =>
            {
                if (_isDiskHanging)
                    await _hanging.Task;
                work();
            });
        var submitter = new EventSubmitter(
            _shards, new GridOptions(), _grid.SendAsync, _time, (_, reason) => _dropped.Add(reason), null, static chunk => chunk.Execute(), null, spool);
        return (spool, submitter);
    }

    private async Task RestartAsync(bool damage = false)
    {
        _files.KillProcess();
        await _submitter.DisposeAsync();
        if (damage)
            _files.Flip(_files.Names.First(name => name.StartsWith("spool-", StringComparison.Ordinal)), SpoolSegment.HeaderLength + SpoolEntryHead.Length + 2);
        _files.Start();
        (_spool, _submitter) = Start();
    }

    private Task<SubmitOutcome> Submit(string eventId, int shard = 0) =>
        _submitter.SubmitAsync(AFrame.Of(eventId, AFrame.PartyOf(shard, _shards)), Acknowledgement.Durable).AsTask();

    /// <summary>In the steps of the batcher's own timer, which is set anew at each.</summary>
    private void Advance(int milliseconds)
    {
        for (var passed = 0; passed < milliseconds; passed += 5)
            _time.Advance(TimeSpan.FromMilliseconds(5));
    }
}
