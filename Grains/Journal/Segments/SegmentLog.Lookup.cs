namespace Divolte.Grains.Journal.Segments;

/// <summary>Finding entries.</summary>
internal sealed partial class SegmentLog
{
    /// <summary>
    /// Finds the first entries of a queue behind an offset, all in one segment, whose file stays open until the look-up is disposed.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="after">The offset.</param>
    /// <param name="bytesMax">Stops at so many bytes, but not before the first entry.</param>
    /// <param name="end">The end of the queue at this moment: with nothing found there is nothing to read before it.</param>
    /// <returns>Null when there is nothing behind the offset.</returns>
    public EntryLookup? Find(int queue, long after, long bytesMax, out long end)
    {
        lock (_gate)
        {
            end = _queues[queue].End;
            if (end <= after)
                return null;
            for (var at = FirstEndingBehind(after); at < _segments.Count; at++)
            {
                var segment = _segments[at];
                if (segment.QueueEnds[queue] <= after)
                    continue;
                segment.Lease();
                segment.IndexUse = ++_indexUse;
                var lookup = new EntryLookup(this, segment);
                if (segment.Index is not null)
                    Collect(lookup, queue, Math.Max(after - segment.Start, 0), bytesMax);
                return lookup;
            }
            return null;
        }
    }

    /// <summary>Puts an index that was read from a summary back, and drops those that were used least beyond the bound.</summary>
    public void SetIndex(Segment segment, EntryIndex index)
    {
        lock (_gate)
        {
            segment.Index ??= index;
            DropIndexes(segment);
        }
    }

    /// <summary>Ends a look-up.</summary>
    public void Return(Segment segment)
    {
        lock (_gate)
            segment.Return();
    }

    private void Collect(EntryLookup lookup, int queue, long place, long bytesMax)
    {
        var bytes = 0L;
        foreach (var entry in lookup.Segment.Index!.From(queue, place))
        {
            bytes += entry.Length;
            if (bytes > bytesMax && lookup.Places.Count > 0)
                break;
            lookup.Places.Add(entry);
            _tail.TryGet(lookup.Segment.Start + entry.Place, entry.Length, out var cached);
            lookup.Cached.Add(cached);
        }
    }

    private int FirstEndingBehind(long offset)
    {
        var low = 0;
        var high = _segments.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_segments[middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }

    private void DropIndexes(Segment kept)
    {
        var bytes = 0L;
        foreach (var segment in _segments)
            bytes += segment.Index?.Bytes ?? 0;
        while (bytes > _options.IndexBytes)
        {
            Segment? oldest = null;
            foreach (var segment in _segments)
            {
                // Without a summary there is nothing to read it from again.
                if (segment != kept && segment is { Index: not null, HasSummary: true } && (oldest is null || segment.IndexUse < oldest.IndexUse))
                    oldest = segment;
            }
            if (oldest is null)
                return;
            bytes -= oldest.Index!.Bytes;
            oldest.Index = null;
        }
    }
}

/// <summary>Entries of one queue in one segment, with their bytes as far as they are still in memory.</summary>
internal sealed class EntryLookup(SegmentLog log, Segment segment) : IDisposable
{
    public Segment Segment { get; } = segment;

    /// <summary>Empty when the segment's index has to be read first.</summary>
    public List<EntryPlace> Places { get; } = [];

    /// <summary>The whole entry, or empty when it has to be read from the file.</summary>
    public List<ReadOnlyMemory<byte>> Cached { get; } = [];

    public void Dispose() => log.Return(Segment);
}
