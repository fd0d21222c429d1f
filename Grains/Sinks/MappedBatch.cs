using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Unwritten;

namespace Divolte.Grains.Sinks;

/// <summary>
/// A batch of records with everything needed until its position is confirmed: the events behind the records, in case the destination refuses some,
/// the events that became none, and the tally.
/// </summary>
internal sealed class MappedBatch(int queue, BatchTally tally) : IDisposable
{
    private readonly List<RecordOrigin> _origins = [];

    public RecordBatch Records { get; } = new() { Queue = queue };

    public BatchTally Tally { get; } = tally;

    /// <summary>The event behind each record, by index in the batch.</summary>
    public IReadOnlyList<RecordOrigin> Origins => _origins;

    /// <summary>Events that a mapping could make no record of, to be kept before the position moves.</summary>
    public List<DeadLetter> Unmappable { get; } = [];

    /// <summary>Bytes of the journal that the batch covers, about.</summary>
    public long JournalBytes { get; set; }

    public int Events { get; set; }

    /// <summary>When the oldest of its entries was appended.</summary>
    public DateTimeOffset OldestAppendedAt { get; set; }

    /// <summary>When the destination got it last.</summary>
    public DateTimeOffset HandedOverAt { get; set; }

    public JournalPosition Position => Records.Position;

    /// <summary>Whether it is large enough to be sent. Entries stay whole, so a batch ends where an entry does and may be somewhat larger.</summary>
    public bool IsFull => Records.Records.Count >= RecordsMax || Records.Buffer.Length >= BytesMax || JournalBytes >= BytesMax;

    public const int RecordsMax = 500;
    public const int BytesMax = 512 << 10;

    public void Add(MappedRecord record, RecordOrigin origin)
    {
        Records.Add(record);
        _origins.Add(origin);
    }

    public void Dispose() => Records.Dispose();
}

/// <summary>The event behind a record.</summary>
/// <param name="Mapping">Index of the mapping that made the record.</param>
/// <param name="Position">Position of its entry.</param>
/// <param name="Index">Its index in the entry.</param>
/// <param name="Frame">The event.</param>
internal readonly record struct RecordOrigin(int Mapping, JournalPosition Position, int Index, ReadOnlyMemory<byte> Frame);
