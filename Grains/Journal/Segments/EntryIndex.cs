using System.Runtime.InteropServices;

namespace Divolte.Grains.Journal.Segments;

/// <summary>Where an entry lies in its segment file.</summary>
/// <param name="Place">Offset in the file.</param>
/// <param name="Length">Length in bytes with head and padding.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct EntryPlace(uint Place, int Length)
{
    public long EndPlace => Place + (long)Length;
}

/// <summary>The entries of one segment by queue, in order, so that reading a queue touches no other's bytes. Guarded by its owner.</summary>
/// <param name="queues">Number of queues.</param>
internal sealed class EntryIndex(int queues)
{
    private readonly EntryPlace[][] _places = CreateEmpty(queues);
    private readonly int[] _counts = new int[queues];

    /// <summary>Memory that it takes, in bytes.</summary>
    public long Bytes { get; private set; }

    public void Add(int queue, long place, int length)
    {
        ref var places = ref _places[queue];
        if (_counts[queue] == places.Length)
        {
            var before = places.Length;
            Array.Resize(ref places, Math.Max(16, before * 2));
            Bytes += (places.Length - before) * 8L;
        }
        places[_counts[queue]++] = new EntryPlace((uint)place, length);
    }

    /// <summary>The entries of a queue that start at or behind a place.</summary>
    public ReadOnlySpan<EntryPlace> From(int queue, long place)
    {
        var places = _places[queue].AsSpan(0, _counts[queue]);
        var low = 0;
        var high = places.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (places[middle].Place < place)
                low = middle + 1;
            else
                high = middle;
        }
        return places[low..];
    }

    /// <summary>Place behind the last entry of a queue; 0 when it has none.</summary>
    public long EndOf(int queue) => _counts[queue] == 0 ? 0 : _places[queue][_counts[queue] - 1].EndPlace;

    public byte[] ToBytes()
    {
        var bytes = new byte[(_counts.Length * 4) + (_counts.Sum() * 8)];
        MemoryMarshal.AsBytes(_counts.AsSpan()).CopyTo(bytes);
        var at = _counts.Length * 4;
        for (var queue = 0; queue < _counts.Length; queue++)
        {
            var source = MemoryMarshal.AsBytes(_places[queue].AsSpan(0, _counts[queue]));
            source.CopyTo(bytes.AsSpan(at));
            at += source.Length;
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; the bytes have passed their checksum.</summary>
    public static EntryIndex Parse(ReadOnlySpan<byte> bytes, int queues)
    {
        var index = new EntryIndex(queues);
        MemoryMarshal.Cast<byte, int>(bytes[..(queues * 4)]).CopyTo(index._counts);
        var places = MemoryMarshal.Cast<byte, EntryPlace>(bytes[(queues * 4)..]);
        for (var queue = 0; queue < queues; queue++)
        {
            index._places[queue] = places[..index._counts[queue]].ToArray();
            places = places[index._counts[queue]..];
            index.Bytes += index._counts[queue] * 8L;
        }
        return index;
    }

    private static EntryPlace[][] CreateEmpty(int queues)
    {
        var places = new EntryPlace[queues][];
        Array.Fill(places, []);
        return places;
    }
}
