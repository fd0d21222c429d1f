using System.Buffers;

namespace Divolte.Frontend.Spool;

/// <summary>The parts of one write: they become durable together, with one sync. The frames are copied in, so that whoever owns them may go on.</summary>
internal sealed class SpoolGroup : IDisposable
{
    private readonly List<Part> _parts = [];
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(64 << 10);

    public int Count => _parts.Count;

    /// <summary>Bytes on disk, heads included.</summary>
    public int Length { get; private set; }

    /// <summary>Copies a part in.</summary>
    public void Add(int shard, int eventCount, long sequence, ReadOnlySpan<byte> frames)
    {
        var needed = Length + SpoolEntryHead.Length + frames.Length;
        if (needed > _bytes.Length)
            Grow(needed);
        frames.CopyTo(_bytes.AsSpan(Length + SpoolEntryHead.Length));
        _parts.Add(new Part(Length, frames.Length, checked((ushort)shard), checked((ushort)eventCount), sequence));
        Length = needed;
    }

    /// <summary>The bytes for a place in a segment, heads and checksums complete.</summary>
    public ReadOnlyMemory<byte> Complete(SpoolSegment segment)
    {
        foreach (var part in _parts)
        {
            var head = _bytes.AsSpan(part.Offset, SpoolEntryHead.Length);
            var frames = _bytes.AsSpan(part.Offset + SpoolEntryHead.Length, part.FramesLength);
            new SpoolEntryHead(segment.Frontend, part.FramesLength, part.Shard, part.EventCount, part.Sequence, SpoolEntryHead.ChecksumOf(frames))
                .Write(head, segment.Number);
        }
        return _bytes.AsMemory(0, Length);
    }

    /// <summary>Where each part lies when the group was written at an offset of a segment, in the order of adding.</summary>
    public IReadOnlyList<SpoolEntry> EntriesIn(SpoolSegment segment, int offset) =>
        [.. _parts.Select(part => new SpoolEntry(segment, offset + part.Offset, part.FramesLength, part.Shard, part.EventCount, part.Sequence))];

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _bytes.Length));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }

    private readonly record struct Part(int Offset, int FramesLength, ushort Shard, ushort EventCount, long Sequence);
}
