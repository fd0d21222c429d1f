using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Grains.Journal.Segments;

/// <summary>
/// The start of a segment file, version 1: whose it is, where its bytes lie in the log, and what every queue had taken before it.
/// Enough to open a journal of which nothing else is left.
/// </summary>
/// <param name="Incarnation">The incarnation that began the segment.</param>
/// <param name="Start">Logical offset of the file's first byte.</param>
/// <param name="Parameters">The parameters of the journal.</param>
/// <param name="Queues">State of each queue at the start.</param>
internal sealed record SegmentHeader(long Incarnation, long Start, JournalParameters Parameters, IReadOnlyList<QueueState> Queues)
{
    public const ushort Version = 1;
    private const int PrefixLength = 32;
    private const int PageLength = 4096;

    /// <summary>No header is longer: room for thousands of sources and queues.</summary>
    private const int LengthMax = 64 << 20;

    private static ReadOnlySpan<byte> Magic => "DIVLOG\r\n"u8;

    /// <summary>The header as bytes, filled up to whole pages.</summary>
    public byte[] ToBytes()
    {
        using var body = new MemoryStream();
        body.Write(new byte[PrefixLength]);
        using var writer = new BinaryWriter(body, Encoding.UTF8);
        writer.Write(Incarnation);
        writer.Write(Start);
        writer.Write(Parameters.Shards);
        writer.Write(Parameters.RouteBy);
        writer.Write(Queues.Count);
        foreach (var queue in Queues)
            queue.Write(writer);
        return Pad(body.ToArray(), (int)((body.Length + PageLength - 1) / PageLength * PageLength));
    }

    /// <summary>The header, lengthened with zeros, with its checksum.</summary>
    public static byte[] Pad(byte[] header, int length)
    {
        var bytes = new byte[length];
        header.CopyTo(bytes, 0);
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), ChecksumOf(bytes));
        return bytes;
    }

    /// <summary>Reads the header of a file.</summary>
    /// <returns>Null when it is damaged.</returns>
    /// <exception cref="JournalException">A later release wrote it.</exception>
    public static (SegmentHeader Header, int Length)? Read(IStableFile file, string name)
    {
        var bytes = new byte[PageLength];
        if (file.Read(bytes, 0) < bytes.Length || !bytes.AsSpan().StartsWith(Magic))
            return null;
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12));
        if (length is < PageLength or > LengthMax || length > file.Length)
            return null;
        if (length > bytes.Length)
        {
            bytes = new byte[length];
            if (file.Read(bytes, 0) < length)
                return null;
        }
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)) != ChecksumOf(bytes))
            return null;
        return version == Version
            ? (Parse(bytes), length)
            : throw new JournalException($"The journal file {name} has format {version}; this release reads format {Version}.");
    }

    private static SegmentHeader Parse(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes, PrefixLength, bytes.Length - PrefixLength), Encoding.UTF8);
        var incarnation = reader.ReadInt64();
        var start = reader.ReadInt64();
        var shards = reader.ReadInt32();
        var routeBy = reader.ReadString();
        var queues = new QueueState[reader.ReadInt32()];
        for (var queue = 0; queue < queues.Length; queue++)
            queues[queue] = QueueState.Read(reader);
        return new SegmentHeader(incarnation, start, new JournalParameters(shards, queues.Length, routeBy), queues);
    }

    private static ulong ChecksumOf(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes[24..], BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]));
}
