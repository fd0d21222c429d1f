using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Divolte.Grains.Journal.Segments;

/// <summary>What the bytes behind a head are.</summary>
internal enum EntryKind : byte
{
    /// <summary>One shard's append.</summary>
    Append = 1,

    /// <summary>A stretch that recovery found damaged and whose original is kept aside; skipped.</summary>
    Gap = 2,
}

/// <summary>
/// The head of an entry in a segment, version 1, little-endian, followed by the counts per source, the frames, and zeros up to a multiple of
/// <see cref="Alignment"/>. An entry names its own offset, so that leftovers of an earlier use of the room are never taken for entries.
/// </summary>
/// <remarks>
/// <code>
///  0 magic (32)      4 kind (8)    5 version (8)   6 zero (16)     8 checksum of all that follows (64)
/// 16 offset (64)    24 length (32) 28 queue (16)  30 shard (16)   32 synced before (64)  40 epoch (64)
/// 48 sequence (64)  56 settled below (64)         64 frontend (128)
/// 80 time in ticks of 100 ns since year 1, UTC (64)               88 events (32)         92 length of frames (32)
/// 96 count of sources (32)  100 length of the source counts (32)
/// </code>
/// Each source count: events (32), length of the name (16), the name.
/// </remarks>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Logical offset of its first byte.</param>
/// <param name="Length">Length in bytes with head and padding.</param>
/// <param name="Queue">The queue.</param>
/// <param name="Shard">The shard.</param>
/// <param name="SyncedBefore">
/// Everything before this offset was synced when the entry was written: damage before it happened to acknowledged bytes, whereas damage behind the last
/// such offset may as well be a write that was cut short.
/// </param>
/// <param name="Epoch">The epoch of the append.</param>
/// <param name="Sequence">The sequence of the part.</param>
/// <param name="SettledBelow">See <see cref="FrontendRedelivery.SettledBelow"/>.</param>
/// <param name="Frontend">The frontend that delivered the part.</param>
/// <param name="AppendedTicks">The store's clock at the write.</param>
/// <param name="EventCount">Number of frames.</param>
/// <param name="FramesLength">Length of the frames in bytes.</param>
/// <param name="SourceCount">Number of source counts.</param>
/// <param name="SourcesLength">Their length in bytes.</param>
internal readonly record struct EntryHead(
    EntryKind Kind,
    long Offset,
    int Length,
    int Queue,
    int Shard,
    long SyncedBefore,
    long Epoch,
    long Sequence,
    long SettledBelow,
    Guid Frontend,
    long AppendedTicks,
    int EventCount,
    int FramesLength,
    int SourceCount,
    int SourcesLength)
{
    public const int HeadLength = 104;
    public const int Alignment = 8;
    public const byte Version = 1;
    private const int ChecksumOffset = 8;
    private const int CheckedOffset = 16;

    /// <summary>The bytes that every entry starts with.</summary>
    public static ReadOnlySpan<byte> Magic => [0xD1, 0x0E, (byte)'J', (byte)'E'];

    public int FramesOffset => HeadLength + SourcesLength;

    public DateTimeOffset AppendedAt => new(AppendedTicks, TimeSpan.Zero);

    /// <summary>Length of an entry with so many bytes of source counts and frames.</summary>
    public static long LengthOf(int sourcesLength, int framesLength) =>
        (HeadLength + (long)sourcesLength + framesLength + Alignment - 1) & -Alignment;

    /// <summary>Writes the head; the checksum comes with <see cref="Seal"/>.</summary>
    public void Write(Span<byte> target)
    {
        Magic.CopyTo(target);
        target[4] = (byte)Kind;
        target[5] = Version;
        target.Slice(6, 2).Clear();
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], Length);
        BinaryPrimitives.WriteUInt16LittleEndian(target[28..], (ushort)Queue);
        BinaryPrimitives.WriteUInt16LittleEndian(target[30..], (ushort)Shard);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], SyncedBefore);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[56..], SettledBelow);
        Frontend.TryWriteBytes(target[64..]);
        BinaryPrimitives.WriteInt64LittleEndian(target[80..], AppendedTicks);
        BinaryPrimitives.WriteInt32LittleEndian(target[88..], EventCount);
        BinaryPrimitives.WriteInt32LittleEndian(target[92..], FramesLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[96..], SourceCount);
        BinaryPrimitives.WriteInt32LittleEndian(target[100..], SourcesLength);
    }

    /// <summary>Puts the checksum into a whole entry, or into the head alone of a gap.</summary>
    public static void Seal(Span<byte> entry) =>
        BinaryPrimitives.WriteUInt64LittleEndian(entry[ChecksumOffset..], XxHash3.HashToUInt64(entry[CheckedOffset..], KindSeed(entry)));

    /// <summary>Reads a head that could be one at this offset; the checksum is not looked at.</summary>
    /// <param name="source">At least <see cref="HeadLength"/> bytes.</param>
    /// <param name="offset">The logical offset where they were found.</param>
    /// <param name="room">Bytes from there to the end of the segment.</param>
    /// <param name="head">The head.</param>
    public static bool TryRead(ReadOnlySpan<byte> source, long offset, long room, out EntryHead head)
    {
        head = default;
        if (source.Length < HeadLength
            || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadInt64LittleEndian(source[16..]) != offset
            || source[5] != Version)
            return false;
        head = new EntryHead(
            (EntryKind)source[4],
            offset,
            BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[28..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[30..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[56..]),
            new Guid(source.Slice(64, 16)),
            BinaryPrimitives.ReadInt64LittleEndian(source[80..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[88..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[92..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[96..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[100..]));
        return head.IsPossible(room);
    }

    /// <summary>How many bytes the checksum covers.</summary>
    public int SealedLength => Kind == EntryKind.Gap ? HeadLength : Length;

    /// <summary>Whether the bytes are what was written.</summary>
    /// <param name="entry"><see cref="SealedLength"/> bytes.</param>
    public static bool IsIntact(ReadOnlySpan<byte> entry) =>
        BinaryPrimitives.ReadUInt64LittleEndian(entry[ChecksumOffset..]) == XxHash3.HashToUInt64(entry[CheckedOffset..], KindSeed(entry));

    private bool IsPossible(long room)
    {
        if (Length < HeadLength || Length > room || Length % Alignment != 0)
            return false;
        return Kind switch
        {
            EntryKind.Append => FramesLength >= 0 && SourcesLength >= 0 && SourceCount >= 0 && EventCount >= 0
                && AppendedTicks >= 0 && AppendedTicks <= DateTimeOffset.MaxValue.Ticks
                && LengthOf(SourcesLength, FramesLength) == Length,
            EntryKind.Gap => true,
            _ => false,
        };
    }

    /// <summary>The bytes before the checksum take part in it as its seed.</summary>
    private static long KindSeed(ReadOnlySpan<byte> entry) => MemoryMarshal.Read<long>(entry);
}
