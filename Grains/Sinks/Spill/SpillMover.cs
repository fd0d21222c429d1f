using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// Moves one queue's backlog from the journal into its spill files, and lets go of files that are passed. The order is what makes it safe at any moment of
/// a crash: entries are synced in a spill file, then stored progress says so, then the journal frees them; and the other way: progress beyond a file is
/// synced, then the file is deleted.
/// </summary>
internal sealed class SpillMover(IJournal journal)
{
    /// <summary>Bytes of one read of the journal, and of one sync.</summary>
    private const int ReadBytesMax = 4 << 20;

    /// <summary>Moves about so many bytes of the oldest that is still in the journal.</summary>
    /// <returns>How many it moved.</returns>
    /// <exception cref="IOException">The disk does not take them; what is not moved stays in the journal.</exception>
    public async Task<long> MoveAsync(SinkWorker worker, long bytes, CancellationToken cancellationToken)
    {
        var (position, accepted) = worker.Passed;
        if (worker.Spill is not { } spill || position.Incarnation != spill.Incarnation)
            return 0;
        spill.Begin(position, accepted);
        var moved = 0L;
        var isStored = true;
        while (moved < bytes)
        {
            var after = new JournalPosition(spill.Incarnation, spill.Mark.Through);
            var page = await journal.ReadAsync(worker.Queue, after, (int)Math.Min(bytes - moved, ReadBytesMax), cancellationToken);
            // What is not there, somebody else has moved: this owner has a successor, and learns it below. (Before the very first entry nothing need be there.)
            isStored = !page.HasGap || after.Offset == 0;
            if (page.Entries.Count == 0 || !isStored || !spill.Append(page.Entries))
                break;
            moved += page.Entries.Sum(entry => (long)entry.Frames.Length);
        }
        if (moved > 0 || !isStored)
            await worker.NoteSpilledAsync(cancellationToken);
        return moved;
    }

    /// <summary>Deletes the files that lie before the sink's stored progress.</summary>
    /// <exception cref="IOException">The progress cannot be synced, or a file not be deleted, now.</exception>
    public async Task ReleaseAsync(SinkWorker worker, CancellationToken cancellationToken)
    {
        if (worker.Spill is not { IsReplaced: false } spill || !(spill.HasFileThrough(worker.Confirmed.Offset) || spill.HasDueFiles))
            return;
        var stored = await journal.ReadProgressAsync(worker.Sink, worker.Queue, cancellationToken);
        if (stored is null || stored.Position.Incarnation != spill.Incarnation || (stored.Claim?.Epoch ?? 0) != spill.Epoch)
            return;
        await journal.SyncProgressAsync(cancellationToken);
        spill.Release(stored.Position.Offset);
        spill.DeleteDue();
    }
}
