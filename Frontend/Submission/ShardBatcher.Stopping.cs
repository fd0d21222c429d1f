using Divolte.Grains.Interfaces.Deduplication;

namespace Divolte.Frontend.Submission;

/// <summary>How a batcher leaves: nothing new, then what was taken becomes durable, in the grid or in the spool.</summary>
internal sealed partial class ShardBatcher
{
    private bool _isStopping;
    private bool _isClosed;
    private TaskCompletionSource? _emptied;

    /// <summary>Refuses new events, and waits until all that were taken have their outcome, and the spool is delivered while the grid takes it.</summary>
    /// <param name="cancellationToken">Ends the waiting: what has no outcome then goes to the spool, or is given up without one.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var emptied = BeginWaiting();
        try
        {
            await emptied.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await SpoolRestAsync();
            GiveUpAll();
        }
        lock (_lock)
            _isClosed = true;
        await _stopped.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
            _isClosed = true;
        await _timer.DisposeAsync();
        await _holdTimer.DisposeAsync();
        await _spooling;
        _stopped.Dispose();
    }

    private Task BeginWaiting()
    {
        var emptied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _isStopping = true;
            _emptied = emptied;
            CheckEmptied();
            SetTimer();
        }
        return emptied.Task;
    }

    private async Task SpoolRestAsync()
    {
        if (_spool is null)
            return;
        lock (_lock)
            _isSpoolForced = true;
        var emptied = BeginWaiting();
        Tick();
        await emptied.WaitAsync(_bounds.SpoolRestTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void CheckEmptied()
    {
        if (_emptied is null || _queuedEvents > 0)
            return;
        // The spool keeps what is in it: it is waited for only as long as the grid takes it.
        if (_spool is null || _isSpoolForced || !IsGridAnswering || _spool.WaitingParts == 0)
            _emptied.TrySetResult();
    }

    private void GiveUpAll()
    {
        OutcomeChunk? answers = null;
        lock (_lock)
        {
            BatchPart? newer;
            for (var part = _ages.Oldest; part is not null; part = newer)
            {
                newer = part.Newer;
                if (part.Spooled is not null)
                    continue;
                answers = part.Answer(SubmitOutcome.Stopping, answers);
                GiveUp(part, DropReason.Stopping);
            }
        }
        OutcomeChunk.Publish(answers, _schedule);
    }
}
