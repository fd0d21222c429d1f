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
    private bool _isStopping;
    private TaskCompletionSource? _emptied;

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

    /// <summary>Refuses new events, and waits until all that were taken have their outcome.</summary>
    /// <param name="cancellationToken">Ends the waiting: what has no outcome then is given up.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var emptied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _isStopping = true;
            _emptied = emptied;
            if (_queuedEvents == 0)
                emptied.TrySetResult();
        }
        try
        {
            await emptied.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GiveUpAll();
        }
        await _stopped.CancelAsync();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stopped.Dispose();
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
            switch (outcome)
            {
                case PartOutcome.Durable:
                    answers = part.Answer(SubmitOutcome.Durable, answers);
                    _eventsDurable += part.EventCount;
                    End(part, isInCall: false);
                    break;
                case PartOutcome.NotWritten:
                    part.MayBeWritten = false;
                    Pause(part, now);
                    break;
                case PartOutcome.Unknown:
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
        if (IsHopeless(part, now))
            GiveUp(part, DropReason.NotDurable);
    }

    /// <summary>Nobody waits for the part, and it is known to be unwritten or too old.</summary>
    private bool IsHopeless(BatchPart part, long now) =>
        part.WaitingCount == 0 && (_clock.IsSpent(part, now) || (part.ReceivedCount == 0 && part.Deliveries > 0 && !part.MayBeWritten));

    private void Tick()
    {
        OutcomeChunk? answers = null;
        List<BatchCall>? calls = null;
        lock (_lock)
        {
            _isTimerSet = false;
            var now = _time.GetTimestamp();
            var due = _clock.AnswersDue(now);
            BatchPart? newer;
            for (var part = _ages.Oldest; part is not null; part = newer)
            {
                newer = part.Newer;
                if (part.CreatedAt <= due)
                    answers = part.Answer(SubmitOutcome.NotDurable, due, answers);
                if (part.State != BatchPartState.Called && IsHopeless(part, now))
                    GiveUp(part, DropReason.NotDurable);
                else if (part.State == BatchPartState.Pausing && part.RetryAt <= now)
                    Resume(part);
            }
            while (TakeCall() is { } call)
                (calls ??= []).Add(call);
            SetTimer();
        }
        foreach (var call in calls ?? [])
            _ = RunAsync(call);
        OutcomeChunk.Publish(answers, _schedule);
    }

    private void Resume(BatchPart part)
    {
        part.State = BatchPartState.Waiting;
        Queue(part.Lane);
    }

    private void SetTimer()
    {
        if (_isTimerSet || _queuedEvents == 0)
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
            if (part is { WaitingCount: 0, ReceivedCount: 0 } && part.State != BatchPartState.Called)
                GiveUp(part, DropReason.NotDurable);
        }
        return IsRoomFor(frameLength);
    }

    private bool IsRoomFor(int frameLength) => _queuedEvents < _bounds.QueueEventsMax && _queuedBytes + frameLength <= _bounds.QueueBytesMax;

    private void GiveUpAll()
    {
        OutcomeChunk? answers = null;
        lock (_lock)
        {
            while (_ages.Oldest is { } part)
            {
                answers = part.Answer(SubmitOutcome.Stopping, answers);
                GiveUp(part, DropReason.Stopping);
            }
        }
        OutcomeChunk.Publish(answers, _schedule);
    }

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
        End(part, isInCall: part.State == BatchPartState.Called);
    }

    private void End(BatchPart part, bool isInCall)
    {
        part.State = BatchPartState.Settled;
        _queuedEvents -= part.EventCount;
        _queuedBytes -= part.FramesLength;
        _ages.Remove(part);
        if (!isInCall)
            part.Dispose(); // otherwise its call may be copying them just now
        Queue(part.Lane);
        if (_queuedEvents == 0)
            _emptied?.TrySetResult();
    }

    private void Note(Exception? trouble)
    {
        IsGridAnswering = trouble is null;
        Trouble = trouble?.Message ?? "";
        if (trouble is not null)
            Interlocked.Increment(ref _callsFailed);
    }
}
