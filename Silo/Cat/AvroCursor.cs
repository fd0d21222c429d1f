using System.Text;
using Divolte.Grains.Sinks.Files;

namespace Divolte.Silo.Cat;

/// <summary>A place in the bytes of a block.</summary>
internal ref struct AvroCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    public ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > Remaining)
            throw new InvalidDataException($"a value of {length} bytes does not fit in the {Remaining} that are left of its block");
        var taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    public long TakeLong()
    {
        var length = AvroLong.Read(_bytes[Position..], out var value);
        Position += length;
        return length > 0 ? value : throw new InvalidDataException("a number is cut short by the end of its block");
    }

    // Text that is no UTF-8 gets replacement characters, which a JSON line needs.
    public string TakeText() => Encoding.UTF8.GetString(Take(TakeLong()));

    public int TakeIndex(int count)
    {
        var index = TakeLong();
        return index >= 0 && index < count ? (int)index : throw new InvalidDataException($"the index {index} is outside of an enum or union of {count}");
    }

    /// <summary>Items of the next part of an array or map; 0 at its end.</summary>
    public long TakeCount()
    {
        var count = TakeLong();
        if (count >= 0)
            return count;
        TakeLong(); // the part's size in bytes, for readers that skip
        return count == long.MinValue ? throw new InvalidDataException("a count is impossible") : -count;
    }
}
