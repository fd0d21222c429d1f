using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Sinks;

/// <summary>
/// Mapped records on their way to one destination, with the position that their writing confirms. Values and keys lie in one pooled buffer, which the
/// batch owns until it is disposed.
/// </summary>
internal sealed class RecordBatch : IDisposable
{
    private readonly List<MappedRecord> _records = [];

    /// <summary>Where mappings append the encoded values and keys; see <see cref="Add"/>.</summary>
    public FrameBuffer Buffer { get; } = new(64 * 1024);

    /// <summary>The records in order. May be empty: the position still moves.</summary>
    public IReadOnlyList<MappedRecord> Records => _records;

    /// <summary>Number of the queue.</summary>
    public required int Queue { get; init; }

    /// <summary>When all records are confirmed, everything before this position is.</summary>
    public JournalPosition Position { get; set; }

    /// <summary>Adds a record whose value and key were appended to <see cref="Buffer"/>.</summary>
    public void Add(MappedRecord record) => _records.Add(record);

    public ReadOnlySpan<byte> ValueOf(MappedRecord record) => Buffer.Written.Slice(record.ValueOffset, record.ValueLength);

    public ReadOnlySpan<byte> KeyOf(MappedRecord record) => Buffer.Written.Slice(record.KeyOffset, record.KeyLength);

    public ReadOnlyMemory<byte> ValueMemoryOf(MappedRecord record) => Buffer.WrittenMemory.Slice(record.ValueOffset, record.ValueLength);

    public ReadOnlyMemory<byte> KeyMemoryOf(MappedRecord record) => Buffer.WrittenMemory.Slice(record.KeyOffset, record.KeyLength);

    public void Dispose() => Buffer.Dispose();
}

/// <summary>One Avro record and what destinations need beside it.</summary>
/// <param name="Schema">Schema and registry identifier of the mapping.</param>
/// <param name="Timestamp">When the request arrived, milliseconds since 1970 UTC.</param>
/// <param name="ValueOffset">Where the Avro binary starts in the batch's buffer.</param>
/// <param name="ValueLength">Its length in bytes.</param>
/// <param name="KeyOffset">Where the party id (UTF-8) starts in the batch's buffer.</param>
/// <param name="KeyLength">Its length in bytes.</param>
internal readonly record struct MappedRecord(MappingSchema Schema, long Timestamp, int ValueOffset, int ValueLength, int KeyOffset, int KeyLength);
