using System.Security.Cryptography;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// One file at a time: append, sync, roll, publish. A batch is confirmed when the file is synced and the writer's state, which says so, is stored: then
/// it is in the files exactly once, whatever happens later. Only its thread calls it; storage trouble ends in failed outcomes, never in an exception.
/// </summary>
internal sealed partial class FileWriter(
    int number,
    string schemaJson,
    FileStrategyOptions strategy,
    FileNames names,
    IFileStore store,
    WriterStates states,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly FileRoll _roll = new(strategy, time);
    private readonly List<PendingBatch> _unconfirmed = [];
    private readonly List<OpenFileState> _unfinished = [];
    private Dictionary<int, JournalPosition> _positions = [];
    private AvroDataFile? _file;
    private OpenFileState? _open;
    private (OpenFileState? Open, Dictionary<int, JournalPosition> Positions) _stored = (null, []);
    private bool _isStoreUncertain;

    /// <summary>What is wrong with the storage; null while all is well.</summary>
    public string? Trouble { get; private set; }

    /// <summary>How long until <see cref="Tick"/> has something to do; null when nothing is open.</summary>
    public TimeSpan? DueIn
    {
        get
        {
            if (_file is null)
                return null;
            var due = time.GetElapsedTime(time.GetTimestamp(), _roll.DueAt);
            return due < TimeSpan.Zero ? TimeSpan.Zero : due < MaxTimer ? due : MaxTimer;
        }
    }

    // Timers take about 49 days at most; roll_every may be longer.
    private static TimeSpan MaxTimer => TimeSpan.FromDays(1);

    /// <summary>Takes over what the recovery found for this writer's queues.</summary>
    public void Restore(IReadOnlyDictionary<int, JournalPosition> positions)
    {
        _positions = new(positions);
        _stored = (null, new(positions));
    }

    /// <summary>
    /// Makes the writer ready for a queue: ends what trouble has left, and opens a file. The outcome of an earlier writer's batches is known before anything is
    /// written again. Look at <see cref="Trouble"/> afterwards.
    /// </summary>
    /// <returns>How far the queue is confirmed; null when nothing of it ever was.</returns>
    public JournalPosition? Open(int queue)
    {
        Guard(() =>
        {
            if (_unconfirmed.Exists(pending => pending.Queue == queue))
                Sync();
            if (_file is null)
                Begin();
        });
        return _positions.TryGetValue(queue, out var position) ? position : null;
    }

    /// <summary>Appends a batch; its outcome comes with the next sync.</summary>
    public void Append(RecordBatch batch, FileSinkWriter owner, TaskCompletionSource<WriteReceipt> outcome)
    {
        if (owner.Trouble is { } trouble)
        {
            outcome.TrySetResult(WriteReceipt.TryLater(trouble));
            return;
        }
        _unconfirmed.Add(new PendingBatch(batch.Queue, batch.Position, owner, outcome));
        Guard(() =>
        {
            if (_file is null)
                Begin();
            foreach (var record in batch.Records)
                _file!.Append(batch.ValueOf(record));
            _roll.Appended(time.GetTimestamp(), batch.Records.Count);
            // An empty batch moves its position on with the next sync; without unsynced records that is now.
            if (batch.Records.Count == 0 && _roll.UnsyncedRecords == 0)
                Sync();
            LookAfter();
        });
    }

    /// <summary>Confirms everything that was appended.</summary>
    public void Flush() => Guard(() =>
    {
        if (_unconfirmed.Count > 0)
            Sync();
    });

    /// <summary>Syncs or rolls if that is due.</summary>
    public void Tick()
    {
        if (_file is not null)
            Guard(LookAfter);
    }

    /// <summary>Confirms and publishes everything; for a graceful stop.</summary>
    public void Close() => Guard(() =>
    {
        if (_file is not null)
            End();
        else if (_unfinished.Count > 0)
            FinishWhatIsLeft();
    });

    /// <summary>Lets the file go as a crash would.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void LookAfter()
    {
        switch (_roll.Next(time.GetTimestamp()))
        {
            case RollStep.Sync:
                Sync();
                break;
            case RollStep.Roll:
                End();
                Begin();
                break;
            case RollStep.None:
                break;
            default:
                throw new InvalidOperationException("A roll step that nobody handles.");
        }
    }

    private void Begin()
    {
        FinishWhatIsLeft();
        var name = names.Next(store.Exists);
        // The state names the file before it exists, so that a start after a crash knows whose it is.
        _open = new OpenFileState(names.PartialOf(name), names.PublishedOf(name), 0, 0);
        Store();
        _file = AvroDataFile.Begin(store.Create(_open.Partial), schemaJson, RandomNumberGenerator.GetBytes(AvroDataFile.MarkerLength), strategy.SyncFileAfterRecords);
        _roll.Opened(time.GetTimestamp());
    }

    private void FinishWhatIsLeft()
    {
        // A state whose storing failed may be on the disk all the same, and confirms records that are cut off next: it is taken back first.
        if (_isStoreUncertain)
            Store();
        for (; _unfinished.Count > 0; _unfinished.RemoveAt(0))
            UnfinishedFile.Finish(store, _unfinished[0], logger);
        Store();
    }

    private void Sync()
    {
        _file!.Sync();
        _roll.Synced();
        _open = _open! with { Length = _file.Length, Records = _file.Records };
        foreach (var pending in _unconfirmed)
            _positions[pending.Queue] = pending.Position;
        Store();
        foreach (var pending in _unconfirmed)
            pending.Outcome.TrySetResult(WriteReceipt.AllWritten);
        _unconfirmed.Clear();
    }

    private void End()
    {
        if (_unconfirmed.Count > 0)
            Sync();
        _file!.Dispose();
        _file = null;
        UnfinishedFile.Finish(store, _open!, logger);
        _open = null;
        Store();
    }

    private void Store()
    {
        _isStoreUncertain = true;
        states.Write(number, new WriterState(_open is null ? _unfinished : [.. _unfinished, _open], _positions));
        _stored = (_open, new(_positions));
        _isStoreUncertain = false;
    }

    /// <summary>Runs a step; trouble with the storage fails everything that is not confirmed, and leaves the file to be cut back and published.</summary>
    private void Guard(Action step)
    {
        try
        {
            step();
            Trouble = null;
        }
        catch (Exception exception) when (FileTrouble.Is(exception))
        {
            Trouble = exception.Message;
            LogTrouble(logger, exception.Message);
            GoBackToWhatIsStored();
            foreach (var pending in _unconfirmed)
            {
                pending.Owner.Fail(exception.Message);
                pending.Outcome.TrySetResult(WriteReceipt.TryLater(exception.Message));
            }
            _unconfirmed.Clear();
        }
    }

    private void GoBackToWhatIsStored()
    {
        _file?.Dispose();
        _file = null;
        _positions = new(_stored.Positions);
        if (_stored.Open is { } open)
            _unfinished.Add(open);
        _stored = _stored with { Open = null };
        _open = null;
    }

    private readonly record struct PendingBatch(int Queue, JournalPosition Position, FileSinkWriter Owner, TaskCompletionSource<WriteReceipt> Outcome);

    [LoggerMessage(EventIds.FileTrouble, LogLevel.Warning, "File storage is in trouble: {Reason}; what was not confirmed is written again")]
    private static partial void LogTrouble(ILogger logger, string reason);
}
