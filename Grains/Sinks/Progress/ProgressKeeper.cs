using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Spill;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Progress;

/// <summary>
/// The confirmed position of one queue of a sink, with its ledger: moves only with what is confirmed, and is stored soon, but not at every step.
/// </summary>
internal sealed partial class ProgressKeeper(SinkProgress start, LossLedger ledger, IJournal journal, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Stored at most this often. A crash delivers again what was confirmed since.</summary>
    private static readonly TimeSpan SavePeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>After a failure the store is given more time.</summary>
    private static readonly TimeSpan SavePeriodAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    /// <summary>An older state must not be stored over a newer one.</summary>
    private readonly SemaphoreSlim _saving = new(1);
    private JournalPosition _position = start.Position;
    private long _savedAt;
    private TimeSpan _pause = TimeSpan.Zero;
    private bool _isDirty;
    private volatile bool _isReplaced;

    /// <summary>Everything before it is confirmed, discarded on purpose, or kept.</summary>
    public JournalPosition Position
    {
        get
        {
            lock (_lock)
                return _position;
        }
    }

    /// <summary>The position, with what the journal had counted there.</summary>
    public (JournalPosition Position, IReadOnlyList<SourceCount> Accepted) Passed
    {
        get
        {
            lock (_lock)
                return (_position, ledger.Accepted);
        }
    }

    /// <summary>How long until there is something to store; null when there is not.</summary>
    public TimeSpan? DueIn
    {
        get
        {
            lock (_lock)
            {
                if (!_isDirty || _isReplaced)
                    return null;
                var left = _pause - time.GetElapsedTime(_savedAt); // not by the time of day, which may be set back
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    public void Move(JournalPosition position, BatchTally tally)
    {
        lock (_lock)
        {
            ledger.Enter(tally);
            _position = position;
            _isDirty = true;
        }
    }

    /// <summary>The spill files, whoever moves the backlog there; null when there are none.</summary>
    public Func<SpillQueue?> Spill { get; init; } = static () => null;

    /// <summary>Whether another process has taken the queue over: nothing is stored from here any more.</summary>
    public bool IsReplaced => _isReplaced;

    /// <summary>There is something to store although the position has not moved.</summary>
    public void Touch()
    {
        lock (_lock)
            _isDirty = true;
    }

    /// <summary>Stores the position if it has moved. Trouble with the store is not the destination's: it is tried again, and nothing waits for it.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        await _saving.WaitAsync(cancellationToken);
        try
        {
            await SaveOnceAsync(cancellationToken);
        }
        finally
        {
            _saving.Release();
        }
    }

    public void Dispose() => _saving.Dispose();

    private async Task SaveOnceAsync(CancellationToken cancellationToken)
    {
        SinkProgress progress;
        lock (_lock)
        {
            if (!_isDirty || _isReplaced)
                return;
            var spilled = Spill()?.Snapshot();
            ledger.Spilled = spilled?.Mark ?? ledger.Spilled;
            progress = start with
            {
                Position = _position,
                Ledger = ledger.Write(journal.Parameters.Format),
                SpilledThrough = ledger.Spilled.Through,
                Claim = spilled?.Claim,
            };
            _isDirty = false;
            (_savedAt, _pause) = (time.GetTimestamp(), SavePeriod);
        }
        try
        {
            if (await journal.SaveProgressAsync(progress, cancellationToken) == ProgressOutcome.Stale)
            {
                _isReplaced = true;
                Spill()?.Replace();
            }
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                _isDirty = true;
                (_savedAt, _pause) = (time.GetTimestamp(), SavePeriodAfterFailure);
            }
            if (exception is not OperationCanceledException)
                LogSaveFailed(start.Sink, start.Queue, exception);
        }
    }

    [LoggerMessage(EventIds.SinkProgressNotSaved, LogLevel.Warning, "The progress of sink {Sink} in queue {Queue} could not be stored; trying again")]
    private partial void LogSaveFailed(string sink, int queue, Exception exception);
}
