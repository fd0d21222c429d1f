using System.Buffers.Binary;
using System.IO.Hashing;

namespace Divolte.Frontend.Spool;

/// <summary>
/// The head of a part in a segment file, version 1. It has a checksum of its own, so that a part with damaged frames is stepped over by its length, and
/// whole parts are found again behind damaged bytes.
/// </summary>
/// <remarks>
/// Little-endian: mark (32 bits), length of the frames (32), shard (16), events (16), number of the segment (32), sequence (64), checksum of the frames (64),
/// frontend (16 bytes), checksum of the head (64). The segment's number keeps bytes of an older file, in whose room this one lies, from being taken for parts of it.
/// </remarks>
internal readonly record struct SpoolEntryHead(Guid Frontend, int FramesLength, ushort Shard, ushort EventCount, long Sequence, ulong FramesChecksum)
{
    public const int Length = 56;

    private const uint Mark = 0x31_50_53_44; // DSP1

    /// <summary>Writes the head of frames that are complete.</summary>
    public void Write(Span<byte> target, int segment)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], FramesLength);
        BinaryPrimitives.WriteUInt16LittleEndian(target[8..], Shard);
        BinaryPrimitives.WriteUInt16LittleEndian(target[10..], EventCount);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], segment);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], FramesChecksum);
        Frontend.TryWriteBytes(target[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(target[48..], XxHash3.HashToUInt64(target[..48]));
    }

    /// <summary>Reads a head.</summary>
    /// <returns>Null when there is none, or a damaged one.</returns>
    public static SpoolEntryHead? Read(ReadOnlySpan<byte> bytes, int segment)
    {
        if (bytes.Length < Length
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Mark
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) != segment
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]) != XxHash3.HashToUInt64(bytes[..48]))
            return null;
        return new SpoolEntryHead(
            new Guid(bytes.Slice(32, 16)),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
    }

    /// <summary>Where the next mark is, which may or may not be that of a whole head; the length of the bytes when there is none.</summary>
    public static int FindMark(ReadOnlySpan<byte> bytes)
    {
        Span<byte> mark = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(mark, Mark);
        var at = bytes.IndexOf(mark);
        return at < 0 ? bytes.Length : at;
    }

    public static ulong ChecksumOf(ReadOnlySpan<byte> frames) => XxHash3.HashToUInt64(frames);
}
