namespace Divolte.Frontend.Submission;

/// <summary>
/// How long events wait for others to share their batch. A batch costs much the same whatever it holds (a call, a write, a sync, the threads that wake for
/// them), so under load a wait of milliseconds takes a quarter off what an event costs, and leaves the processor to the requests that it delays.
/// </summary>
/// <remarks>
/// With few events nothing is held. Nor is it when everybody who could come is there: as many events as there lately were at a time, and none of them in a
/// call that is about to answer. Guarded by the batcher's lock.
/// </remarks>
internal sealed class BatchHold
{
    /// <summary>The last arrivals that the rate is taken from.</summary>
    private const int ArrivalsAveraged = 64;

    /// <summary>Fewer requests that wait at a time are not worth it.</summary>
    private const int RequestsMin = 16;

    private readonly long _awaitedTicks;
    private readonly long _receivedTicks;
    private readonly int _eventsMin;
    private readonly int _eventsMax;
    private readonly int _batchesRemembered;
    private readonly long _intervalMax;
    private double _interval;
    private long _last;
    private long _since;
    private int _events;
    private int _most;
    private bool _isAwaited;

    public BatchHold(SubmissionBounds bounds, TimeProvider time)
    {
        _awaitedTicks = (long)(bounds.HoldAwaited.TotalSeconds * time.TimestampFrequency);
        _receivedTicks = (long)(bounds.HoldReceived.TotalSeconds * time.TimestampFrequency);
        _eventsMin = bounds.HoldEventsMin;
        _eventsMax = bounds.HoldEventsMax;
        _batchesRemembered = bounds.HoldBatchesRemembered;
        _interval = _intervalMax = time.TimestampFrequency / 10; // longer pauses say no more, and would be remembered for thousands of events
    }

    /// <summary>When the wait of the events so far ends, as a timestamp.</summary>
    public long Until => _since + Ticks;

    private long Ticks => _isAwaited ? _awaitedTicks : _receivedTicks;

    /// <summary>An event came.</summary>
    /// <param name="now">Timestamp.</param>
    /// <param name="isAwaited">Whether somebody waits for its outcome.</param>
    /// <param name="outstanding">Events without an outcome, this one included.</param>
    public void Add(long now, bool isAwaited, int outstanding)
    {
        _interval += (Math.Min(now - _last, _intervalMax) - _interval) / ArrivalsAveraged;
        _last = now;
        if (_events++ == 0)
        {
            _since = now;
            _isAwaited = false;
        }
        _isAwaited |= isAwaited;
        _most = Math.Max(_most, outstanding);
    }

    /// <summary>Whether more events are worth waiting for, up to <see cref="Until"/>.</summary>
    /// <param name="outstanding">Events without an outcome.</param>
    /// <param name="calls">Calls under way.</param>
    public bool IsWorthIt(int outstanding, int calls)
    {
        if (_events == 0 || _events >= _eventsMax || Ticks <= _eventsMin * _interval)
            return false;
        return !_isAwaited || (_most >= RequestsMin && (calls > 0 || outstanding < _most));
    }

    /// <summary>What waited has gone into a call.</summary>
    public void Release()
    {
        _events = 0;
        _most -= (_most + _batchesRemembered - 1) / _batchesRemembered; // clients leave, too
    }
}
