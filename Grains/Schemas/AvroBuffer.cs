using System.Buffers.Binary;
using System.Text;

namespace Divolte.Grains.Schemas;

/// <summary>
/// A growing array that takes Avro binary: values of an event that are converted before the whole record is known. One owner; reused for the next event.
/// </summary>
internal sealed class AvroBuffer(int capacity = 256)
{
    /// <summary>What is kept for the next event; a larger array is given up after the event that needed it.</summary>
    private const int KeptCapacityMax = 1 << 20;

    /// <summary>Longest form of a number in Avro's variable-length coding, in bytes.</summary>
    public const int LongLengthMax = 10;

    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>The array of the moment: what was written stays readable in it when a larger one takes over.</summary>
    public byte[] Array => _bytes;

    public void Truncate(int length) => Length = length;

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptCapacityMax)
            _bytes = new byte[capacity];
    }

    public void WriteBoolean(bool value) => Append(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes an int or a long: zigzag, seven bits a byte.</summary>
    public void WriteLong(long value)
    {
        Ensure(LongLengthMax);
        Length += PutLong(_bytes.AsSpan(Length), value);
    }

    public void WriteFloat(float value) => BinaryPrimitives.WriteSingleLittleEndian(Append(sizeof(float)), value);

    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Append(sizeof(double)), value);

    public void WriteText(string text)
    {
        WriteLong(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, Append(Encoding.UTF8.GetByteCount(text)));
    }

    /// <summary>Writes bytes, or a string as UTF-8, behind their length.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteLong(bytes.Length);
        bytes.CopyTo(Append(bytes.Length));
    }

    /// <summary>Writes exactly so many bytes: what is longer is cut, what is shorter is filled with zeros.</summary>
    public void WriteFixed(ReadOnlySpan<byte> bytes, int size)
    {
        var room = Append(size);
        room.Clear();
        bytes[..Math.Min(size, bytes.Length)].CopyTo(room);
    }

    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(bytes.Length));

    /// <summary>Writes a number to a place with room for <see cref="LongLengthMax"/> bytes and returns how many it took.</summary>
    public static int PutLong(Span<byte> target, long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        var count = 0;
        while (rest > 0x7f)
        {
            target[count++] = (byte)(rest | 0x80);
            rest >>= 7;
        }
        target[count++] = (byte)rest;
        return count;
    }

    /// <summary>Makes room for so many bytes at the end, not cleared.</summary>
    public Span<byte> Append(int length)
    {
        Ensure(length);
        var room = _bytes.AsSpan(Length, length);
        Length += length;
        return room;
    }

    private void Ensure(int length)
    {
        if (length <= _bytes.Length - Length)
            return;
        var larger = new byte[Math.Max(Length + length, 2 * _bytes.Length)];
        Written.CopyTo(larger);
        _bytes = larger;
    }
}
