using Divolte.Grains.Journal.Redis.State;

namespace Divolte.Grains.Journal.Redis.Reading;

/// <summary>
/// What this process has appended of late, by queue: a reader that keeps up beside the shards of its queue never asks the server. Entries are here once they are
/// acknowledged; what others appended between them is not, so that a reader goes through the server over such a gap. Thread-safe.
/// </summary>
/// <param name="queues">Number of queues.</param>
/// <param name="bytesMax">Bytes of frames of all queues together, an even share each.</param>
internal sealed class QueueTails(int queues, long bytesMax)
{
    private readonly Lock _lock = new();
    private readonly Tail[] _tails = [.. Enumerable.Range(0, queues).Select(_ => new Tail())];
    private readonly long _tailBytesMax = bytesMax / queues;
    private StoreIdentity? _identity;

    /// <summary>Takes an entry that was appended.</summary>
    /// <param name="identity">The store that took it.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="start">The position behind which it lies.</param>
    /// <param name="entry">The entry; its frames belong to the tail from now on.</param>
    public void Add(StoreIdentity identity, int queue, long start, JournalEntry entry)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(identity, _identity))
            {
                Clear();
                _identity = identity;
            }
            _tails[queue].Add(start, entry, _tailBytesMax);
        }
    }

    /// <summary>What lies behind a position; null when the server must be asked.</summary>
    /// <param name="identity">The store that the position is of.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="after">The position.</param>
    /// <param name="bytesMax">Bytes about which the entries may have, but for the first one.</param>
    public JournalEntry[]? Find(StoreIdentity identity, int queue, long after, int bytesMax)
    {
        lock (_lock)
            return ReferenceEquals(identity, _identity) ? _tails[queue].Find(after, bytesMax) : null;
    }

    /// <summary>What ends at a position or before it was freed in the store.</summary>
    public void Trim(int queue, long through)
    {
        lock (_lock)
            _tails[queue].Trim(through);
    }

    private void Clear()
    {
        foreach (var tail in _tails)
            tail.Clear();
    }

    /// <summary>Entries in order. Those before <c>_first</c> have left.</summary>
    private sealed class Tail
    {
        private readonly List<(long Start, JournalEntry Entry)> _entries = [];
        private int _first;
        private long _bytes;

        public void Add(long start, JournalEntry entry, long bytesMax)
        {
            _entries.Add((start, entry));
            _bytes += entry.Frames.Length;
            while (_bytes > bytesMax && _first < _entries.Count - 1)
                DropFirst();
            Shrink();
        }

        public void Trim(long through)
        {
            while (_first < _entries.Count && _entries[_first].Entry.Position.Offset <= through)
                DropFirst();
            Shrink();
        }

        public JournalEntry[]? Find(long after, int bytesMax)
        {
            var begin = IndexOf(after);
            if (begin < 0)
                return null;
            var end = begin;
            for (var at = after; end < _entries.Count && _entries[end].Start == at && (end == begin || _entries[end].Entry.Position.Offset <= after + bytesMax); end++)
                at = _entries[end].Entry.Position.Offset;
            var found = new JournalEntry[end - begin];
            for (var index = begin; index < end; index++)
                found[index - begin] = _entries[index].Entry;
            return found;
        }

        public void Clear()
        {
            _entries.Clear();
            (_first, _bytes) = (0, 0);
        }

        private void DropFirst()
        {
            _bytes -= _entries[_first].Entry.Frames.Length;
            _entries[_first++] = default;
        }

        private void Shrink()
        {
            if (_first <= _entries.Count / 2)
                return;
            _entries.RemoveRange(0, _first);
            _first = 0;
        }

        /// <summary>The entry that begins at a position; negative when there is none.</summary>
        private int IndexOf(long start)
        {
            var (low, high) = (_first, _entries.Count - 1);
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                if (_entries[middle].Start == start)
                    return middle;
                if (_entries[middle].Start < start)
                    low = middle + 1;
                else
                    high = middle - 1;
            }
            return -1;
        }
    }
}
