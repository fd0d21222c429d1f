using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Submission;

/// <summary>Hears of an event that was taken and will not be delivered any more, by the name of its source.</summary>
internal delegate void EventDropped(ReadOnlySpan<byte> source, DropReason reason);

/// <summary>How parts end: durable, given up, or delivered again.</summary>
internal sealed partial class ShardBatcher
{
    private long _callsStarted;
    private long _callsFailed;
    private long _eventsSent;
    private long _eventsDurable;
    private long _eventsRetried;
    private long _eventsGivenUp;

    /// <summary>Whether the last call was answered; what readiness asks.</summary>
    public bool IsGridAnswering { get; private set; } = true;

    /// <summary>The message of the last call without an answer; empty while the grid answers.</summary>
    public string Trouble { get; private set; } = "";

    public SubmissionFigures Figures
    {
        get
        {
            lock (_lock)
            {
                return new SubmissionFigures(
                    _queuedEvents, _queuedBytes, _callsStarted, _callsFailed, _eventsSent, _eventsDurable, _eventsRetried, _eventsGivenUp);
            }
        }
    }

    /// <summary>Gives each part of an answered or failed call its outcome.</summary>
    private OutcomeChunk? Settle(BatchCall call)
    {
        OutcomeChunk? answers = null;
        var now = _time.GetTimestamp();
        var first = 0;
        foreach (var part in call.Parts)
        {
            var outcome = call.OutcomeOf(first, part.EventCount);
            first += part.EventCount;
            if (part.State == BatchPartState.Settled)
                continue; // given up while it was in the call
            if (part.IsUnreadable)
            {
                _spool!.GiveUp(part.Spooled!.Value);
                End(part, isInCall: false);
                continue;
            }
            switch (outcome)
            {
                case PartOutcome.Durable:
                case PartOutcome.Settled when part.Spooled is not null:
                    answers = part.Answer(SubmitOutcome.Durable, answers);
                    _eventsDurable += part.EventCount;
                    if (part.Spooled is { } entry)
                        _spool!.Settle(entry);
                    End(part, isInCall: false);
                    break;
                case PartOutcome.NotWritten:
                    part.MayBeWritten = false;
                    Pause(part, now);
                    break;
                case PartOutcome.Unknown:
                case PartOutcome.Settled:
                    part.MayBeWritten = true;
                    Pause(part, now);
                    break;
                default:
                    throw new InvalidOperationException($"Part outcome {outcome} has no meaning.");
            }
        }
        return answers;
    }

    private void Pause(BatchPart part, long now)
    {
        part.State = BatchPartState.Pausing;
        part.RetryAt = _clock.RetryAt(now, part.Deliveries);
        if (part.Spooled is not null)
            part.Dispose(); // the next delivery reads it back
        if (IsHopeless(part, now))
            GiveUp(part, DropReason.NotDurable);
    }

    /// <summary>Nobody waits for the part, and it is known to be unwritten or too old.</summary>
    private bool IsHopeless(BatchPart part, long now) =>
        part is { WaitingCount: 0, Spooled: null, IsSpooling: false } && (_clock.IsSpent(part, now) || (part.ReceivedCount == 0 && part.Deliveries > 0 && !part.MayBeWritten));

    private void Tick()
    {
        OutcomeChunk? answers = null;
        List<BatchCall>? calls = null;
        SpoolWork? work;
        lock (_lock)
        {
            _isTimerSet = false;
            var now = _time.GetTimestamp();
            var due = _clock.AnswersDue(now);
            var isSpoolFree = IsSpoolFree;
            BatchPart? newer;
            for (var part = _ages.Oldest; part is not null; part = newer)
            {
                newer = part.Newer;
                if (part.CreatedAt <= due && !MayBecomeSpooled(part, isSpoolFree, now))
                    answers = part.Answer(SubmitOutcome.NotDurable, due, answers);
                if (part.State != BatchPartState.Called && IsHopeless(part, now))
                    GiveUp(part, DropReason.NotDurable);
                else if (part.State == BatchPartState.Pausing && part.RetryAt <= now)
                    Resume(part);
            }
            work = TakeSpoolWork(now);
            TakeCalls(ref calls);
            CheckEmptied();
            SetTimer();
        }
        Run(calls);
        OutcomeChunk.Publish(answers, _schedule);
        if (work is not null)
            _spooling = SpoolAsync(work);
    }

    private void TakeCalls(ref List<BatchCall>? calls)
    {
        while (TakeCall() is { } call)
            (calls ??= []).Add(call);
    }

    private void Run(List<BatchCall>? calls)
    {
        foreach (var call in calls ?? [])
            Run(call);
    }

    private void Resume(BatchPart part)
    {
        part.State = BatchPartState.Waiting;
        Queue(part.Lane);
    }

    private void SetTimer()
    {
        if (_isTimerSet || (_ages.Oldest is null && _emptied is null && _spool is not { IsIdle: false }))
            return;
        _isTimerSet = true;
        _timer.Change(_clock.Period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether a frame may be queued, after those were given up that nobody waits for, oldest first: who waits for an answer comes before.</summary>
    private bool HasRoom(int frameLength)
    {
        if (IsRoomFor(frameLength))
            return true;
        BatchPart? newer;
        for (var part = _ages.Oldest; part is not null && !IsRoomFor(frameLength); part = newer)
        {
            newer = part.Newer;
            if (part is { WaitingCount: 0, ReceivedCount: 0, Spooled: null, IsSpooling: false } && part.State != BatchPartState.Called)
                GiveUp(part, DropReason.NotDurable);
        }
        return IsRoomFor(frameLength);
    }

    private bool IsRoomFor(int frameLength) => _queuedEvents < _bounds.QueueEventsMax && _queuedBytes + frameLength <= _bounds.QueueBytesMax;

    private void GiveUp(BatchPart part, DropReason reason)
    {
        var frames = part.Frames;
        while (!frames.IsEmpty)
        {
            var frame = EventFrameReader.Parse(frames);
            _dropped(frame[FrameSlot.Source], reason);
            frames = frames[frame.Bytes.Length..];
        }
        _eventsGivenUp += part.EventCount;
        part.IsGivenUp = true;
        End(part, isInCall: part.State == BatchPartState.Called);
    }

    private void End(BatchPart part, bool isInCall)
    {
        part.State = BatchPartState.Settled;
        if (part.Spooled is null)
            Uncount(part);
        _ages.Remove(part);
        if (!isInCall)
            part.Dispose(); // otherwise its call may be copying them just now
        Queue(part.Lane);
        CheckEmptied();
    }

    private void Uncount(BatchPart part)
    {
        _queuedEvents -= part.EventCount;
        _queuedBytes -= part.FramesLength;
    }

    private void Note(Exception? trouble)
    {
        IsGridAnswering = trouble is null;
        Trouble = trouble?.Message ?? "";
        if (trouble is not null)
            Interlocked.Increment(ref _callsFailed);
    }
}
