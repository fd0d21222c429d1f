namespace Divolte.Frontend.Submission;

/// <summary>The moment that ready events wait for others.</summary>
internal sealed partial class ShardBatcher
{
    /// <summary>What timers can tell apart.</summary>
    private static readonly TimeSpan TimerStep = TimeSpan.FromMilliseconds(1);

    private long _holdTimerDue = long.MaxValue;
    private bool _hasWaitedEnough;

    /// <summary>Whether what is ready waits for more. The timer, or who comes earlier, looks again.</summary>
    private bool IsHeld()
    {
        if (_hasWaitedEnough || _isStopping || !_hold.IsWorthIt(_queuedEvents, _calls))
            return false;
        var now = _time.GetTimestamp();
        if (_hold.Until <= now)
            return false;
        // A timer that is set for earlier events is left alone: it is set again when it comes, once a millisecond instead of once a batch.
        if (_hold.Until < _holdTimerDue)
        {
            _holdTimerDue = _hold.Until;
            var left = TimeSpan.FromSeconds((double)(_hold.Until - now) / _time.TimestampFrequency);
            _holdTimer.Change(left > TimerStep ? left : TimerStep, Timeout.InfiniteTimeSpan);
        }
        return true;
    }

    private void EndHold()
    {
        List<BatchCall>? calls = null;
        lock (_lock)
        {
            _holdTimerDue = long.MaxValue;
            TakeCalls(ref calls);
        }
        Run(calls);
    }
}
