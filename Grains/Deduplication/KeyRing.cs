namespace Divolte.Grains.Deduplication;

/// <summary>
/// Keys in the order in which they came, and a table that finds them: what <see cref="DuplicateWindow"/> keeps its confirmed events in. Bounded; when it
/// is full the oldest makes room. Not thread-safe.
/// </summary>
/// <remarks>
/// A ring of keys (8 bytes) and times (4), and a table of ring places by open addressing with linear probing (4 bytes for each slot, 40 to 80 % used):
/// 17 to 22 bytes for each key once the ring has its full size. A slot holds the place, how far it stands from where its key belongs (so that taking a
/// key out shifts its followers back without looking at their keys), and a few bits of the key (so that a strange key is told apart in the table alone).
/// </remarks>
internal sealed class KeyRing
{
    /// <summary>The largest capacity: a slot has 32 bits.</summary>
    public const int CapacityLimit = (1 << 26) - 1;

    private const int CapacityFirst = 256;
    private const int DistanceBits = 5;
    private const int DistanceMax = (1 << DistanceBits) - 1;

    private readonly int _capacityMax;
    private readonly ulong _seed;
    private ulong[] _keys;
    private uint[] _times;
    private uint[] _slots;
    private int _placeBits;
    private int _tagBits;
    private int _homeShift;
    private int _oldest;

    /// <param name="capacity">The most keys, 1 to 2^26 - 1.</param>
    /// <param name="seed">Spreads the keys over the table in a way that no client can foresee.</param>
    public KeyRing(int capacity, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, CapacityLimit);
        _capacityMax = capacity;
        _seed = seed;
        (_keys, _times, _slots) = ([], [], []);
        Resize(Math.Min(capacity, CapacityFirst));
    }

    /// <summary>Places in use, oldest to newest, those of removed keys among them.</summary>
    public int Length { get; private set; }

    /// <summary>Keys that can be found.</summary>
    public int Count { get; private set; }

    public bool IsFull => Length == _capacityMax;

    /// <summary>Bytes of all arrays.</summary>
    public long Bytes => 8L * _keys.Length + 4L * _times.Length + 4L * _slots.Length;

    /// <summary>The time of the oldest place.</summary>
    public uint OldestTime => _times[_oldest];

    /// <summary>Whether the key of the oldest place was removed.</summary>
    public bool IsOldestRemoved => _keys[_oldest] == 0;

    /// <summary>Finds a key.</summary>
    /// <param name="key">Not zero.</param>
    /// <param name="slot">Where the table holds it.</param>
    /// <param name="time">Its time.</param>
    /// <param name="rank">How many places are newer.</param>
    public bool TryFind(ulong key, out int slot, out uint time, out int rank)
    {
        var mixed = Mix(key);
        var tag = TagOf(mixed);
        var mask = _slots.Length - 1;
        for (slot = HomeOf(mixed); ; slot = (slot + 1) & mask)
        {
            var entry = _slots[slot];
            if (entry == 0)
                break;
            if (entry >> (_placeBits + DistanceBits) != tag)
                continue;
            var place = PlaceOf(entry);
            if (_keys[place] != key)
                continue;
            time = _times[place];
            rank = Length - 1 - AgeOf(place);
            return true;
        }
        (time, rank) = (0, 0);
        return false;
    }

    /// <summary>Adds a key that is not there. The oldest leaves if the ring is full.</summary>
    public void Add(ulong key, uint time)
    {
        if (IsFull)
            RemoveOldest();
        else if (Length == _keys.Length)
            Resize((int)Math.Min(_capacityMax, 2L * Length));
        var place = Wrap(_oldest + Length);
        _keys[place] = key;
        _times[place] = time;
        Length++;
        Count++;
        Link(place, Mix(key));
    }

    /// <summary>Takes the oldest place out.</summary>
    public void RemoveOldest()
    {
        var key = _keys[_oldest];
        if (key != 0)
        {
            Unlink(SlotOf(_oldest, key));
            Count--;
        }
        _oldest = Wrap(_oldest + 1);
        Length--;
    }

    /// <summary>Takes a key out that <see cref="TryFind"/> has found; its place stays until it is the oldest.</summary>
    public void Remove(int slot)
    {
        _keys[PlaceOf(_slots[slot])] = 0;
        Unlink(slot);
        Count--;
    }

    /// <summary>The key and time of a place, counted from the oldest; key 0 when it was removed.</summary>
    public (ulong Key, uint Time) At(int index)
    {
        var place = Wrap(_oldest + index);
        return (_keys[place], _times[place]);
    }

    private void Link(int place, ulong mixed)
    {
        var mask = _slots.Length - 1;
        var slot = HomeOf(mixed);
        var distance = 0;
        for (; _slots[slot] != 0; slot = (slot + 1) & mask)
            distance++;
        _slots[slot] = Entry(place, distance, TagOf(mixed));
    }

    /// <summary>Empties a slot and moves those behind it back that would not be found any more.</summary>
    private void Unlink(int hole)
    {
        var mask = _slots.Length - 1;
        for (var slot = (hole + 1) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var entry = _slots[slot];
            var distance = DistanceOf(entry, slot);
            var gap = (slot - hole) & mask;
            if (distance < gap)
                continue;
            _slots[hole] = Entry(PlaceOf(entry), distance - gap, entry >> (_placeBits + DistanceBits));
            hole = slot;
        }
        _slots[hole] = 0;
    }

    private int SlotOf(int place, ulong key)
    {
        var mask = _slots.Length - 1;
        var slot = HomeOf(Mix(key));
        while (PlaceOf(_slots[slot]) != place)
            slot = (slot + 1) & mask;
        return slot;
    }

    /// <summary>How far an entry stands from its home. The few that stand too far for their bits are asked for their key.</summary>
    private int DistanceOf(uint entry, int slot)
    {
        var distance = (int)(entry >> _placeBits) & DistanceMax;
        return distance < DistanceMax ? distance : (slot - HomeOf(Mix(_keys[PlaceOf(entry)]))) & (_slots.Length - 1);
    }

    // Place 0 is stored as 1, so that an empty slot is 0.
    private uint Entry(int place, int distance, uint tag) =>
        (tag << (_placeBits + DistanceBits)) | ((uint)Math.Min(distance, DistanceMax) << _placeBits) | (uint)(place + 1);

    private int PlaceOf(uint entry) => (int)(entry & ((1u << _placeBits) - 1)) - 1;

    private int AgeOf(int place) => place >= _oldest ? place - _oldest : place - _oldest + _keys.Length;

    private int Wrap(int place) => place < _keys.Length ? place : place - _keys.Length;

    // The keys are hashes already, but of what clients send: without the seed they could be made to meet in one place.
    private ulong Mix(ulong key) => (key ^ _seed) * 0x9E37_79B9_7F4A_7C15;

    private int HomeOf(ulong mixed) => (int)(mixed >> _homeShift);

    private uint TagOf(ulong mixed) => (uint)(mixed >> 16) & ((1u << _tagBits) - 1);

    /// <summary>Grows by doubling; some milliseconds for the last step of a million keys, and never again after that.</summary>
    private void Resize(int capacity)
    {
        var keys = new ulong[capacity];
        var times = new uint[capacity];
        for (var index = 0; index < Length; index++)
            (keys[index], times[index]) = At(index);
        (_keys, _times, _oldest) = (keys, times, 0);

        var slots = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(capacity * 5L / 4 + 1));
        _slots = new uint[slots];
        _homeShift = 64 - System.Numerics.BitOperations.Log2((uint)slots);
        _placeBits = System.Numerics.BitOperations.Log2((uint)capacity) + 1;
        _tagBits = Math.Min(32 - DistanceBits - _placeBits, 16);
        for (var index = 0; index < Length; index++)
        {
            if (_keys[index] != 0)
                Link(index, Mix(_keys[index]));
        }
    }
}
