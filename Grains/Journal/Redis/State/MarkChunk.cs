using System.Buffers.Binary;

namespace Divolte.Grains.Journal.Redis.State;

/// <summary>
/// One key with marks of a shard, grown until it is large enough, then followed by the next: so that the old ones can go without being read.
/// In it, for each append: time in microseconds (64), number of keys (32), the keys (64 each); little-endian.
/// </summary>
/// <param name="Number">Its number.</param>
/// <param name="Count">Marks in it.</param>
/// <param name="LastMicroseconds">When it took the last of them, or later.</param>
internal readonly record struct MarkChunk(long Number, int Count, long LastMicroseconds)
{
    private const int HeadLength = 12;

    /// <summary>What an append adds: number of keys and keys; empty when there are none. The script puts the time before it.</summary>
    public static byte[] Encode(ReadOnlySpan<ulong> keys)
    {
        if (keys.IsEmpty)
            return [];
        var bytes = new byte[sizeof(int) + (keys.Length * sizeof(ulong))];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, keys.Length);
        for (var index = 0; index < keys.Length; index++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(sizeof(int) + (index * sizeof(ulong))), keys[index]);
        return bytes;
    }

    /// <summary>Reads a chunk.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="bytes">The value of its key.</param>
    /// <param name="marks">Takes its marks.</param>
    /// <exception cref="InvalidDataException">It has no such form.</exception>
    public static MarkChunk Read(long number, ReadOnlySpan<byte> bytes, List<EventMark> marks)
    {
        var before = marks.Count;
        var last = 0L;
        while (!bytes.IsEmpty)
        {
            var count = bytes.Length < HeadLength ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
            if (count < 0 || count > (bytes.Length - HeadLength) / sizeof(ulong))
                throw new InvalidDataException("The marks of a shard cannot be read.");
            last = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            var seenAt = StoreTime.ToTime(last);
            for (var index = 0; index < count; index++)
                marks.Add(new EventMark(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(HeadLength + (index * sizeof(ulong)))..]), seenAt));
            bytes = bytes[(HeadLength + (count * sizeof(ulong)))..];
        }
        return new MarkChunk(number, marks.Count - before, last);
    }
}
