namespace Divolte.Grains.Journal.Segments;

/// <summary>
/// The bytes that were appended last, so that sinks that keep up never read the disk. The chunks that the writer fills are handed to readers as they
/// are and never filled again: what a reader holds stays valid, and the collector takes a chunk when the last reader has let go.
/// </summary>
/// <remarks>Reserving belongs to the writer; <see cref="Commit"/>, <see cref="TryGet"/> are guarded by the log's lock.</remarks>
/// <param name="bytesMax">Bound in bytes; at least the chunk under way is kept.</param>
internal sealed class TailCache(long bytesMax)
{
    /// <summary>Below the limit from which the runtime keeps an object in the large heap, which only a full collection frees.</summary>
    private const int ChunkLength = 80 * 1024;

    private readonly List<Chunk> _chunks = [];
    private readonly List<Chunk> _pending = [];
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private Chunk? _open;
    private long _bytes;

    /// <summary>What was reserved since the last commit, in order, ready to be written.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces
    {
        get
        {
            _pieces.Clear();
            foreach (var chunk in _pending)
                _pieces.Add(chunk.Bytes.AsMemory(chunk.Committed, chunk.Used - chunk.Committed));
            return _pieces;
        }
    }

    /// <summary>Room for an entry at a logical offset.</summary>
    public Span<byte> Reserve(long offset, int length)
    {
        if (_open is null || _open.Start + _open.Used != offset || _open.Used + length > _open.Bytes.Length)
            _open = new Chunk(offset, Math.Max(ChunkLength, length));
        if (_pending.Count == 0 || _pending[^1] != _open)
            _pending.Add(_open);
        var room = _open.Bytes.AsSpan(_open.Used, length);
        _open.Used += length;
        return room;
    }

    /// <summary>Makes what was reserved visible and drops the oldest chunks beyond the bound.</summary>
    public void Commit()
    {
        foreach (var chunk in _pending)
        {
            if (chunk.Committed == 0)
            {
                _chunks.Add(chunk);
                _bytes += chunk.Bytes.Length;
            }
            chunk.Committed = chunk.Used;
        }
        _pending.Clear();
        var gone = 0;
        while (_bytes > bytesMax && gone < _chunks.Count - 1)
            _bytes -= _chunks[gone++].Bytes.Length;
        _chunks.RemoveRange(0, gone);
    }

    /// <summary>Takes back what was reserved since the last commit.</summary>
    public void Rollback()
    {
        foreach (var chunk in _pending)
            chunk.Used = chunk.Committed;
        _pending.Clear();
        _open = null;
    }

    /// <summary>A committed entry, when it is still here.</summary>
    public bool TryGet(long offset, int length, out ReadOnlyMemory<byte> entry)
    {
        var low = 0;
        var high = _chunks.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_chunks[middle].Start <= offset)
                low = middle + 1;
            else
                high = middle;
        }
        entry = default;
        if (low == 0)
            return false;
        var chunk = _chunks[low - 1];
        var into = offset - chunk.Start;
        if (into + length > chunk.Committed)
            return false;
        entry = chunk.Bytes.AsMemory((int)into, length);
        return true;
    }

    private sealed class Chunk(long start, int length)
    {
        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(length);

        public long Start { get; } = start;

        public int Used { get; set; }

        public int Committed { get; set; }
    }
}
