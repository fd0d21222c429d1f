using System.Diagnostics.CodeAnalysis;
using Divolte.Frontend.Spool;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Submission;

/// <summary>
/// Natural batching: an event is sent at once while a call is free, and joins a growing part of its shard while none is; under load it also waits a moment
/// for others (<see cref="BatchHold"/>). Bounded in bytes and events.
/// </summary>
internal sealed partial class ShardBatcher : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Guid _frontend;
    private readonly SendBatch _send;
    private readonly SubmissionBounds _bounds;
    private readonly TimeProvider _time;
    private readonly Action<IThreadPoolWorkItem> _schedule;
    private readonly EventSpool? _spool;
    private readonly EventDropped _dropped;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ShardLane[] _lanes;
    private readonly Queue<ShardLane> _ready = new();
    private readonly PartAges _ages = new();
    private readonly PartClock _clock;
    private readonly BatchHold _hold;
    private readonly ITimer _timer;
    private readonly ITimer _holdTimer;
    private bool _isTimerSet;
    private int _calls;
    private int _queuedEvents;
    private long _queuedBytes;

    /// <param name="frontend">A random id for this start of the process.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="answerTimeout">The longest that a request waits.</param>
    /// <param name="send">The way into the grid.</param>
    /// <param name="bounds">All bounds.</param>
    /// <param name="time">The clock of time-outs and pauses.</param>
    /// <param name="dropped">Hears of every event that is given up.</param>
    /// <param name="schedule">Runs the waking of requests on another thread.</param>
    /// <param name="spool">Takes what the grid does not take in time; null for none.</param>
    public ShardBatcher(
        Guid frontend,
        int shards,
        TimeSpan answerTimeout,
        SendBatch send,
        SubmissionBounds bounds,
        TimeProvider time,
        EventDropped dropped,
        Action<IThreadPoolWorkItem> schedule,
        EventSpool? spool)
    {
        _frontend = frontend;
        _send = send;
        _bounds = bounds;
        _time = time;
        _dropped = dropped;
        _schedule = schedule;
        _spool = spool;
        _clock = new PartClock(answerTimeout, bounds, time);
        _hold = new BatchHold(bounds, time);
        _lanes = new ShardLane[shards];
        for (var shard = 0; shard < shards; shard++)
            _lanes[shard] = new ShardLane(shard);
        _timer = time.CreateTimer(static batcher => ((ShardBatcher)batcher!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _holdTimer = time.CreateTimer(static batcher => ((ShardBatcher)batcher!).EndHold(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        TakeRecovered();
    }

    /// <summary>Takes a frame of a shard, copied before this returns.</summary>
    /// <param name="shard">Its shard.</param>
    /// <param name="frame">One complete frame.</param>
    /// <param name="isAwaited">Whether somebody waits for the outcome; otherwise the answer is <see cref="SubmitOutcome.Received"/>.</param>
    /// <returns>The outcome, at once or later.</returns>
    public ValueTask<SubmitOutcome> SubmitAsync(int shard, ReadOnlySpan<byte> frame, bool isAwaited)
    {
        var refusal = DropReason.None;
        PendingEvent? pending = null;
        BatchCall? call = null;
        lock (_lock)
        {
            if (_isStopping)
                refusal = DropReason.Stopping;
            else if (!HasRoom(frame.Length))
                refusal = DropReason.Overload;
            else
                (pending, call) = Take(_lanes[shard], frame, isAwaited);
        }
        if (refusal != DropReason.None)
            return Refuse(frame, refusal);
        // Read before the call starts: a grid that answers at once completes the source, and a later reading could be another event's.
        var outcome = pending?.AsValueTask() ?? new ValueTask<SubmitOutcome>(SubmitOutcome.Received);
        if (call is not null)
            Run(call);
        return outcome;
    }

    private ValueTask<SubmitOutcome> Refuse(ReadOnlySpan<byte> frame, DropReason reason)
    {
        _dropped(EventFrameReader.Parse(frame)[FrameSlot.Source], reason);
        return new ValueTask<SubmitOutcome>(reason == DropReason.Stopping ? SubmitOutcome.Stopping : SubmitOutcome.Overload);
    }

    private (PendingEvent? Pending, BatchCall? Call) Take(ShardLane lane, ReadOnlySpan<byte> frame, bool isAwaited)
    {
        var now = _time.GetTimestamp();
        var pending = isAwaited ? PendingEvent.Rent(now) : null;
        Add(lane, frame, pending, now);
        _hold.Add(now, isAwaited, _queuedEvents);
        SetTimer();
        return (pending, TakeCall());
    }

    private void Add(ShardLane lane, ReadOnlySpan<byte> frame, PendingEvent? pending, long now)
    {
        var part = lane.OpenFor(frame.Length, _bounds);
        if (part is null)
        {
            part = new BatchPart(lane, _frontend, now);
            lane.Add(part);
            _ages.Add(part);
        }
        part.Add(frame, pending);
        _queuedEvents++;
        _queuedBytes += frame.Length;
        Queue(lane);
    }

    /// <summary>Puts a lane in the queue if its oldest part could be delivered.</summary>
    private void Queue(ShardLane lane)
    {
        if (lane.IsQueued || !lane.TryPeek(out var part) || part.State != BatchPartState.Waiting)
            return;
        lane.IsQueued = true;
        _ready.Enqueue(lane);
    }

    /// <summary>Makes one batch of what waits, if a call is free.</summary>
    private BatchCall? TakeCall()
    {
        if (_calls == _bounds.CallsMax || _ready.Count == 0 || _isClosed || IsHeld())
            return null;
        var parts = new List<BatchPart>(Math.Min(_ready.Count, 64));
        var frontend = _frontend;
        var bytes = 0;
        var events = 0;
        while (TryPeekReady(out var part) && Fits(part, bytes, events) && (parts.Count == 0 || part.Frontend == frontend))
        {
            _ready.Dequeue().IsQueued = false;
            frontend = part.Frontend;
            if (part.Deliveries > 0)
                _eventsRetried += part.EventCount;
            else if (part.Spooled is not null)
                _ages.Add(part);
            part.Lane.Seal(part);
            part.State = BatchPartState.Called;
            parts.Add(part);
            bytes += part.FramesLength;
            events += part.EventCount;
        }
        if (parts.Count == 0)
            return null;
        _hold.Release();
        _hasWaitedEnough = _ready.Count > 0; // what did not fit goes with the next call, whoever comes meanwhile
        _calls++;
        _callsStarted++;
        _eventsSent += events;
        return new BatchCall(frontend, parts, events, _spool);
    }

    private bool TryPeekReady([NotNullWhen(true)] out BatchPart? part)
    {
        while (_ready.TryPeek(out var lane))
        {
            if (lane.TryPeek(out part) && part.State == BatchPartState.Waiting)
                return true;
            _ready.Dequeue().IsQueued = false; // its part was given up meanwhile
        }
        part = null;
        return false;
    }

    private bool Fits(BatchPart part, int bytes, int events) =>
        events == 0 || (bytes + part.FramesLength <= _bounds.BatchBytesMax && events + part.EventCount <= _bounds.BatchEventsMax);

    private void Run(BatchCall call)
    {
        if (call.IsFromSpool)
            _schedule(new CallStart(this, call)); // no request waits for the disk
        else
            _ = RunAsync(call);
    }

    private async Task RunAsync(BatchCall call)
    {
        var running = call.RunAsync(_send, _bounds.CallTimeout, _time, _stopped.Token);
        if (running.IsCompleted)
            await Task.Yield(); // leaves the stack of the request that started the call
        while (true)
        {
            var trouble = await running;
            OutcomeChunk? answers;
            BatchCall? next;
            lock (_lock)
            {
                answers = Settle(call);
                _calls--;
                next = TakeCall();
            }
            Note(trouble);
            if (next is not null)
                running = next.RunAsync(_send, _bounds.CallTimeout, _time, _stopped.Token);
            OutcomeChunk.Publish(answers, _schedule);
            if (next is null)
                return;
            call = next;
        }
    }

    private sealed class CallStart(ShardBatcher batcher, BatchCall call) : IThreadPoolWorkItem
    {
        public void Execute() => _ = batcher.RunAsync(call);
    }
}
