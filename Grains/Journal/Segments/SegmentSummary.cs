using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Marks;

namespace Divolte.Grains.Journal.Segments;

/// <summary>
/// A file beside every sealed segment, version 1: its marks sorted by shard, so that a claim reads one slice of each; the redelivery state at its end;
/// and the index of its entries. Stays when the segment is freed, for as long as the marks are needed. Made again from the segment when damaged.
/// </summary>
internal sealed record SegmentSummary(
    long Incarnation,
    long Start,
    long Length,
    long LastTicks,
    long EpochMax,
    int MarkCount,
    IReadOnlyList<long> QueueEnds,
    SummarySection Index,
    SummarySection Redeliveries,
    IReadOnlyList<MarksSlice> Slices,
    long FileLength)
{
    public const ushort Version = 1;
    private const int PrefixLength = 32;
    private const int HeadLengthMax = 64 << 20;
    private const string Prefix = "log-";
    private const string Suffix = ".summary";

    private static ReadOnlySpan<byte> Magic => "DIVSUM\r\n"u8;

    public static string NameOf(long start) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{start:D19}{Suffix}");

    /// <summary>The start offset in a file name, or null for another file.</summary>
    public static long? StartOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                ? start
                : null;

    /// <summary>Writes and syncs the summary of a sealed segment.</summary>
    /// <returns>Length of the file in bytes.</returns>
    public static long Write(IStableFiles files, Segment segment)
    {
        var bytes = ToBytes(segment);
        using (var file = files.Create(segment.SummaryName, bytes.Length))
        {
            file.Write([bytes], 0);
            file.Sync();
        }
        files.SyncDirectory();
        return bytes.Length;
    }

    /// <summary>Reads the head of a summary; the sections are read when needed.</summary>
    /// <returns>Null when it is missing, damaged or of another release.</returns>
    public static SegmentSummary? Read(IStableFile file)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength];
        if (file.Read(prefix, 0) < PrefixLength || !prefix.StartsWith(Magic) || BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..]) != Version)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix[12..]);
        if (length is < PrefixLength or > HeadLengthMax || length > file.Length)
            return null;
        var head = new byte[length];
        if (file.Read(head, 0) < length || BinaryPrimitives.ReadUInt64LittleEndian(prefix[16..]) != XxHash3.HashToUInt64(head.AsSpan(PrefixLength)))
            return null;
        var summary = Parse(head, file.Length);
        return summary.FileLength <= file.Length ? summary : null;
    }

    private static byte[] ToBytes(Segment segment)
    {
        using var sections = new MemoryStream();
        var slices = new List<MarksSlice>();
        foreach (var shard in segment.Marks!.ByShard())
            slices.Add(MarksSlice.Write(sections, shard.Key, [.. shard], segment.Marks));
        var redeliveries = SummarySection.Write(sections, segment.Redeliveries ?? []);
        var index = SummarySection.Write(sections, segment.Index!.ToBytes());

        using var head = new MemoryStream();
        head.Write(new byte[PrefixLength]);
        using var writer = new BinaryWriter(head, Encoding.UTF8);
        writer.Write(segment.Header.Incarnation);
        writer.Write(segment.Start);
        writer.Write(segment.Length);
        writer.Write(segment.LastTicks);
        writer.Write(segment.EpochMax);
        writer.Write(segment.MarkCount);
        writer.Write(segment.QueueEnds.Length);
        foreach (var end in segment.QueueEnds)
            writer.Write(end);
        index.WriteTo(writer);
        redeliveries.WriteTo(writer);
        writer.Write(slices.Count);
        foreach (var slice in slices)
            slice.WriteTo(writer);

        var bytes = new byte[head.Length + sections.Length];
        head.ToArray().CopyTo(bytes, 0);
        sections.ToArray().CopyTo(bytes, head.Length);
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), (int)head.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), XxHash3.HashToUInt64(bytes.AsSpan(PrefixLength, (int)head.Length - PrefixLength)));
        return bytes;
    }

    private static SegmentSummary Parse(byte[] head, long fileLength)
    {
        using var reader = new BinaryReader(new MemoryStream(head, PrefixLength, head.Length - PrefixLength), Encoding.UTF8);
        var incarnation = reader.ReadInt64();
        var start = reader.ReadInt64();
        var length = reader.ReadInt64();
        var lastTicks = reader.ReadInt64();
        var epochMax = reader.ReadInt64();
        var markCount = reader.ReadInt32();
        var queueEnds = new long[reader.ReadInt32()];
        for (var queue = 0; queue < queueEnds.Length; queue++)
            queueEnds[queue] = reader.ReadInt64();
        var index = SummarySection.ReadFrom(reader, head.Length);
        var redeliveries = SummarySection.ReadFrom(reader, head.Length);
        var slices = new MarksSlice[reader.ReadInt32()];
        for (var slice = 0; slice < slices.Length; slice++)
            slices[slice] = MarksSlice.ReadFrom(reader, head.Length);
        return new SegmentSummary(incarnation, start, length, lastTicks, epochMax, markCount, queueEnds, index, redeliveries, slices, index.Offset + index.Length);
    }
}

/// <summary>A stretch of a summary with its own checksum.</summary>
internal readonly record struct SummarySection(long Offset, int Length, ulong Checksum)
{
    public static SummarySection Write(MemoryStream target, byte[] bytes)
    {
        var offset = target.Position;
        target.Write(bytes);
        return new SummarySection(offset, bytes.Length, XxHash3.HashToUInt64(bytes));
    }

    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Offset);
        writer.Write(Length);
        writer.Write(Checksum);
    }

    public static SummarySection ReadFrom(BinaryReader reader, int headLength) =>
        new(reader.ReadInt64() + headLength, reader.ReadInt32(), reader.ReadUInt64());

    /// <returns>Null when the bytes are damaged.</returns>
    public async ValueTask<byte[]?> ReadAsync(IStableFile file, CancellationToken cancellationToken)
    {
        var bytes = new byte[Length];
        var read = await file.ReadAsync(bytes, Offset, cancellationToken);
        return read == Length && XxHash3.HashToUInt64(bytes) == Checksum ? bytes : null;
    }

    /// <returns>Null when the bytes are damaged.</returns>
    public byte[]? Read(IStableFile file)
    {
        var bytes = new byte[Length];
        return file.Read(bytes, Offset) == Length && XxHash3.HashToUInt64(bytes) == Checksum ? bytes : null;
    }
}

/// <summary>The marks of one shard in a summary: groups of (ticks, count), then the keys.</summary>
internal readonly record struct MarksSlice(int Shard, int GroupCount, SummarySection Section)
{
    private const int GroupLength = 12;

    public static MarksSlice Write(MemoryStream target, int shard, IReadOnlyList<SegmentMarks.Group> groups, SegmentMarks marks)
    {
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body);
        foreach (var group in groups)
        {
            writer.Write(group.Ticks);
            writer.Write(group.Count);
        }
        foreach (var group in groups)
            writer.Write(MemoryMarshal.AsBytes(marks.KeysOf(group)));
        return new MarksSlice(shard, groups.Count, SummarySection.Write(target, body.ToArray()));
    }

    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Shard);
        writer.Write(GroupCount);
        Section.WriteTo(writer);
    }

    public static MarksSlice ReadFrom(BinaryReader reader, int headLength) =>
        new(reader.ReadInt32(), reader.ReadInt32(), SummarySection.ReadFrom(reader, headLength));

    /// <summary>Appends the marks in the bytes of the section, oldest first.</summary>
    public void CopyTo(List<EventMark> target, ReadOnlySpan<byte> bytes)
    {
        var keys = bytes[(GroupCount * GroupLength)..];
        for (var group = 0; group < GroupCount; group++)
        {
            var seenAt = new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes[(group * GroupLength)..]), TimeSpan.Zero);
            for (var left = BinaryPrimitives.ReadInt32LittleEndian(bytes[((group * GroupLength) + 8)..]); left > 0; left--)
            {
                target.Add(new EventMark(BinaryPrimitives.ReadUInt64LittleEndian(keys), seenAt));
                keys = keys[sizeof(ulong)..];
            }
        }
    }
}
