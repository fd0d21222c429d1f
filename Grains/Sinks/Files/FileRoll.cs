using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Grains.Sinks.Files;

/// <summary>What is due for an open file.</summary>
internal enum RollStep : byte
{
    None,

    /// <summary>End the block and force the file to stable storage.</summary>
    Sync,

    /// <summary>Publish the file, or discard it when nothing was ever written, and begin the next one.</summary>
    Roll,
}

/// <summary>
/// When to sync and when to roll one open file. Pure: the time, in the time provider's ticks, comes in with every call.
/// </summary>
/// <remarks>
/// The interval to the next sync counts from the first record that is not synced, so a file without new records is never due. A roll publishes whenever
/// any record was written, synced or not: upstream looks at synced ones alone, and deletes the others.
/// </remarks>
internal sealed class FileRoll(FileStrategyOptions strategy, TimeProvider time)
{
    private readonly long _rollEvery = TicksOf(strategy.RollEvery, time);
    private readonly long _syncEvery = TicksOf(strategy.SyncFileAfterDuration, time);
    private long _closeAt;
    private long _syncAt;

    /// <summary>Records that are written and not synced.</summary>
    public long UnsyncedRecords { get; private set; }

    /// <summary>Records that are synced.</summary>
    public long SyncedRecords { get; private set; }

    /// <summary>Whether the file is worth publishing.</summary>
    public bool HasRecords => UnsyncedRecords + SyncedRecords > 0;

    /// <summary>When <see cref="Next"/> will ask for something without any further record.</summary>
    public long DueAt => UnsyncedRecords > 0 ? Math.Min(_closeAt, _syncAt) : _closeAt;

    /// <summary>A new file was opened.</summary>
    public void Opened(long now)
    {
        (UnsyncedRecords, SyncedRecords) = (0, 0);
        _closeAt = Later(now, _rollEvery);
    }

    /// <summary>Records were appended.</summary>
    public void Appended(long now, int records)
    {
        if (UnsyncedRecords == 0)
            _syncAt = Later(now, _syncEvery);
        UnsyncedRecords += records;
    }

    /// <summary>Everything that was appended is synced.</summary>
    public void Synced()
    {
        SyncedRecords += UnsyncedRecords;
        UnsyncedRecords = 0;
    }

    /// <summary>What is due now; asked after every batch and when <see cref="DueAt"/> has come.</summary>
    public RollStep Next(long now) =>
        now >= _closeAt ? RollStep.Roll
        : UnsyncedRecords > 0 && (UnsyncedRecords >= strategy.SyncFileAfterRecords || now >= _syncAt) ? RollStep.Sync
        : RollStep.None;

    // Durations from files may be as long as 292 years, and the sum must not wrap.
    private static long Later(long now, long ticks) => now > long.MaxValue - ticks ? long.MaxValue : now + ticks;

    private static long TicksOf(TimeSpan span, TimeProvider time) => (long)Math.Min(long.MaxValue / 2d, span.TotalSeconds * time.TimestampFrequency);
}
