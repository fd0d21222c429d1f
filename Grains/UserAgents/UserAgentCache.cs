using System.IO.Hashing;

namespace Divolte.Grains.UserAgents;

/// <summary>
/// Answers by header, bounded by entries and by bytes. Eight entries share a place that the header's hash chooses; a new one takes the place of one that was
/// not asked for of late. Reading takes no lock and allocates nothing, and neither fails nor waits while another thread writes.
/// </summary>
/// <typeparam name="T">The answers; they are not counted against the bound of bytes.</typeparam>
/// <param name="entriesMax">How many headers are remembered at most; 0 for none.</param>
/// <param name="seed">Changes with each process, so that nobody can choose headers that crowd in one place.</param>
internal sealed class UserAgentCache<T>(int entriesMax, long seed)
    where T : class
{
    /// <summary>How many bytes all remembered headers may have: 1000 of them have about 150,000.</summary>
    public const long BytesMax = 32 << 20;

    private const int Ways = 8;

    private readonly Lock _writing = new();
    private readonly int _places = (entriesMax + Ways - 1) / Ways;
    private readonly Entry?[] _entries = new Entry?[entriesMax];
    private long _bytes;
    private int _hand;

    /// <summary>How many bytes the remembered headers have.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The answer for a header; null when it is not remembered.</summary>
    public T? Find(ReadOnlySpan<byte> header)
    {
        if (_places == 0)
            return null;
        var hash = HashOf(header);
        foreach (ref var slot in SlotsOf(hash))
        {
            if (Volatile.Read(ref slot) is { } entry && entry.Hash == hash && header.SequenceEqual(entry.Header))
            {
                entry.Uses++;
                return entry.Answer;
            }
        }
        return null;
    }

    /// <summary>Remembers an answer.</summary>
    public void Add(ReadOnlySpan<byte> header, T answer)
    {
        if (_places == 0 || header.Length > BytesMax)
            return;
        var entry = new Entry(HashOf(header), header.ToArray(), answer);
        lock (_writing)
        {
            MakeRoom(entry.Header.Length);
            Put(ref VictimOf(SlotsOf(entry.Hash), entry), entry);
        }
    }

    /// <summary>Calls back for every header that was asked for since the last time, with how often. Uses at the same moment may be counted next time or be lost.</summary>
    public void TakeUses(Action<byte[], T, int> use)
    {
        for (var index = 0; index < _entries.Length; index++)
        {
            if (Volatile.Read(ref _entries[index]) is not { } entry || entry.Uses - entry.TakenUses is var fresh && fresh == 0)
                continue;
            entry.TakenUses += fresh;
            use(entry.Header, entry.Answer, fresh);
        }
    }

    private ulong HashOf(ReadOnlySpan<byte> header) => XxHash3.HashToUInt64(header, seed);

    private Span<Entry?> SlotsOf(ulong hash)
    {
        var start = (int)(((hash >> 32) * (ulong)_places) >> 32) * Ways;
        return _entries.AsSpan(start, Math.Min(Ways, _entries.Length - start));
    }

    /// <summary>The slot of the same header, a free one, or else the first whose entry was not used since it was last passed over.</summary>
    private static ref Entry? VictimOf(Span<Entry?> slots, Entry entry)
    {
        foreach (ref var slot in slots)
        {
            if (slot is { } other && other.Hash == entry.Hash && other.Header.AsSpan().SequenceEqual(entry.Header))
                return ref slot;
        }
        foreach (ref var slot in slots)
        {
            if (slot is null)
                return ref slot;
        }
        var leastUsed = 0;
        for (var index = 0; index < slots.Length; index++)
        {
            if (slots[index]!.UsesSincePass < slots[leastUsed]!.UsesSincePass)
                leastUsed = index;
        }
        foreach (var slot in slots)
            slot!.PassedUses = slot.Uses - slot.UsesSincePass / 2;
        return ref slots[leastUsed];
    }

    private void Put(ref Entry? slot, Entry? entry)
    {
        _bytes += (entry?.Header.Length ?? 0) - (slot?.Header.Length ?? 0);
        Volatile.Write(ref slot, entry);
    }

    private void MakeRoom(int length)
    {
        while (_bytes + length > BytesMax)
        {
            Put(ref _entries[_hand], null);
            _hand = (_hand + 1) % _entries.Length;
        }
    }

    private sealed class Entry(ulong hash, byte[] header, T answer)
    {
        /// <summary>Counted without a lock: a lost one changes no answer.</summary>
        public int Uses = 1;

        public int PassedUses;
        public int TakenUses;

        public ulong Hash { get; } = hash;

        public byte[] Header { get; } = header;

        public T Answer { get; } = answer;

        public int UsesSincePass => Uses - PassedUses;
    }
}
