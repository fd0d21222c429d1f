using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// One journal entry in a spill file, version 1, little-endian, followed by the counts per source, the frames, and zeros up to a multiple of
/// <see cref="Alignment"/>. It says where the entry before it ended, and how many events of each source the queue had taken until there: so the entry
/// behind a damaged one tells what was lost.
/// </summary>
/// <remarks>
/// <code>
///  0 magic (32)     4 version (8)  5 zero (8)     6 count of sources (16)   8 checksum of all that follows (64)
/// 16 length (32)   20 shard (32)  24 incarnation (64)   32 after (64)      40 through (64)
/// 48 time in ticks of 100 ns since year 1, UTC (64)     56 events (32)     60 length of frames (32)
/// </code>
/// Each source: events (64), length of the name (16), the name.
/// </remarks>
/// <param name="Entry">The entry, at its place in the journal.</param>
/// <param name="After">Offset of the journal behind which the entry begins: nothing of its queue lies between.</param>
/// <param name="AcceptedBefore">Events of the queue that the journal had counted at <paramref name="After"/>, by source.</param>
/// <param name="Length">Bytes in the file.</param>
internal sealed record SpillEntry(JournalEntry Entry, long After, IReadOnlyList<SourceCount> AcceptedBefore, int Length)
{
    public const int HeadLength = 64;
    public const int Alignment = 8;
    private const byte Version = 1;
    private const int ChecksumOffset = 8;
    private const int CheckedOffset = 16;
    private const int SourceHeadLength = sizeof(long) + sizeof(ushort);

    private static ReadOnlySpan<byte> Magic => [0xD1, 0x0E, (byte)'S', (byte)'P'];

    /// <summary>The bytes of an entry.</summary>
    public static byte[] Write(JournalEntry entry, long after, IReadOnlyList<SourceCount> acceptedBefore)
    {
        var sourcesLength = 0;
        foreach (var count in acceptedBefore)
            sourcesLength += SourceHeadLength + Encoding.UTF8.GetByteCount(count.Source);
        var length = checked((int)(((long)HeadLength + sourcesLength + entry.Frames.Length + Alignment - 1) & -Alignment));
        var bytes = new byte[length];
        Magic.CopyTo(bytes);
        bytes[4] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), checked((ushort)acceptedBefore.Count));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), entry.Shard);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), entry.Position.Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), after);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), entry.Position.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), entry.AppendedAt.UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(56), entry.EventCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(60), entry.Frames.Length);
        var rest = bytes.AsSpan(HeadLength);
        foreach (var count in acceptedBefore)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, count.Events);
            var nameLength = Encoding.UTF8.GetBytes(count.Source, rest[SourceHeadLength..]);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[sizeof(long)..], checked((ushort)nameLength));
            rest = rest[(SourceHeadLength + nameLength)..];
        }
        entry.Frames.Span.CopyTo(rest);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ChecksumOffset), ChecksumOf(bytes));
        return bytes;
    }

    /// <summary>The length of the entry that seems to begin here.</summary>
    /// <returns>0 when none does.</returns>
    public static int LengthOf(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeadLength || !source.StartsWith(Magic) || source[4] != Version)
            return 0;
        var length = BinaryPrimitives.ReadInt32LittleEndian(source[16..]);
        return length >= HeadLength && length % Alignment == 0 ? length : 0;
    }

    /// <summary>Reads an entry that is whole and as it was written.</summary>
    /// <param name="source">At least its length; what is returned refers to these bytes.</param>
    /// <returns>Null when it is damaged.</returns>
    public static SpillEntry? Read(ReadOnlyMemory<byte> source)
    {
        var length = LengthOf(source.Span);
        if (length == 0 || length > source.Length)
            return null;
        var bytes = source.Span[..length];
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[ChecksumOffset..]) != ChecksumOf(bytes))
            return null;
        var counts = new SourceCount[BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..])];
        var at = HeadLength;
        for (var index = 0; index < counts.Length; index++)
        {
            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + sizeof(long))..]);
            counts[index] = new SourceCount(
                Encoding.UTF8.GetString(bytes.Slice(at + SourceHeadLength, nameLength)), BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]));
            at += SourceHeadLength + nameLength;
        }
        var entry = new JournalEntry(
            new JournalPosition(BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[40..])),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]), TimeSpan.Zero),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]),
            source.Slice(at, BinaryPrimitives.ReadInt32LittleEndian(bytes[60..])));
        return new SpillEntry(entry, BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]), counts, length);
    }

    /// <summary>The bytes before the checksum take part in it as its seed.</summary>
    private static ulong ChecksumOf(ReadOnlySpan<byte> entry) => XxHash3.HashToUInt64(entry[CheckedOffset..], MemoryMarshal.Read<long>(entry));
}
