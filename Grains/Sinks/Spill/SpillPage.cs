using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>What one read of spill files brings, in the making: entries in order, each once, and what is missing between them.</summary>
/// <param name="after">Where the read begins.</param>
/// <param name="bytesMax">Bytes beyond which nothing more is taken.</param>
internal sealed class SpillPage(JournalPosition after, int bytesMax)
{
    private readonly List<JournalEntry> _entries = [];
    private long _bytes;

    /// <summary>Offset up to which everything is in the page, or known to be lost.</summary>
    public long Through { get; private set; } = after.Offset;

    /// <summary>What is missing up to here is a file's fault that is known already.</summary>
    public long MissingThrough { get; set; }

    /// <summary>When the last entry was appended to the journal; long ago when there is none.</summary>
    public DateTimeOffset LastAppendedAt { get; private set; } = DateTimeOffset.UnixEpoch;

    public bool IsFull => _bytes >= bytesMax;

    /// <summary>Adds an entry, unless it is here already; what is missing before it is lost.</summary>
    /// <returns>Whether something is missing that nobody knew of.</returns>
    public bool Add(SpillEntry entry)
    {
        if (entry.Entry.Position.Offset <= Through)
            return false;
        var isMissing = entry.After > Math.Max(Through, MissingThrough);
        if (entry.After > Through)
            AddLost(entry.After, entry.AcceptedBefore, entry.Entry.AppendedAt);
        LastAppendedAt = entry.Entry.AppendedAt;
        Through = entry.Entry.Position.Offset;
        // What was spilled before the store came back shorter is still at its place.
        _entries.Add(entry.Entry.Position.Incarnation == after.Incarnation ? entry.Entry : entry.Entry with { Position = after with { Offset = Through } });
        _bytes += entry.Entry.Frames.Length;
        return isMissing;
    }

    /// <summary>Everything up to an offset is lost.</summary>
    /// <param name="through">The offset.</param>
    /// <param name="accepted">What the journal had counted there.</param>
    /// <param name="appendedAt">About when.</param>
    public void AddLost(long through, IReadOnlyList<SourceCount> accepted, DateTimeOffset appendedAt)
    {
        Through = through;
        _entries.Add(new JournalEntry(new JournalPosition(after.Incarnation, through), 0, appendedAt, 0, default) { AcceptedThrough = accepted });
    }

    public JournalPage ToJournalPage() => new(_entries, after with { Offset = Through });
}
