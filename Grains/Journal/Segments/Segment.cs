using System.Globalization;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Marks;

namespace Divolte.Grains.Journal.Segments;

/// <summary>One segment file of the log and what is known about it. Everything that changes is guarded by the log's lock.</summary>
internal sealed class Segment
{
    private const string Prefix = "log-";
    private const string Suffix = ".segment";
    private int _leases;

    public Segment(IStableFile file, SegmentHeader header, int headerLength)
    {
        File = file;
        Header = header;
        HeaderLength = headerLength;
        Length = headerLength;
        QueueEnds = new long[header.Queues.Count];
        Index = new EntryIndex(header.Queues.Count);
        Marks = new SegmentMarks();
    }

    public IStableFile File { get; }

    public SegmentHeader Header { get; }

    public int HeaderLength { get; }

    /// <summary>Logical offset of the file's first byte.</summary>
    public long Start => Header.Start;

    /// <summary>Bytes that are written and synced, header included.</summary>
    public long Length { get; set; }

    /// <summary>Logical offset behind its last entry.</summary>
    public long End => Start + Length;

    public string Name => NameOf(Start);

    public string SummaryName => SegmentSummary.NameOf(Start);

    /// <summary>Logical offset behind the last entry of each queue in this segment; 0 when there is none.</summary>
    public long[] QueueEnds { get; set; }

    /// <summary>Null when it was dropped to save memory: it is in the summary.</summary>
    public EntryIndex? Index { get; set; }

    /// <summary>Null once they are in the summary.</summary>
    public SegmentMarks? Marks { get; set; }

    /// <summary>The redelivery state at the end of the segment, from sealing until it is in the summary.</summary>
    public byte[]? Redeliveries { get; set; }

    public int MarkCount { get; set; }

    public long LastTicks { get; set; }

    public long EpochMax { get; set; }

    /// <summary>Bytes that the file has room for. Belongs to the writer.</summary>
    public long Capacity { get; set; }

    /// <summary>A write or sync failed: what lies behind <see cref="Length"/> is unknown, so nothing is appended any more. Belongs to the writer.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Nothing will be appended any more.</summary>
    public bool IsSealed { get; set; }

    public bool HasSummary { get; set; }

    /// <summary>When the index was used last, by a counter of the log.</summary>
    public long IndexUse { get; set; }

    /// <summary>Freed; the file is closed with the last lease.</summary>
    public bool IsRetired { get; private set; }

    public bool IsDamageReported { get; set; }

    public static string NameOf(long start) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{start:D19}{Suffix}");

    /// <summary>Takes in the head of an entry that is synced.</summary>
    public void Add(in EntryHead head, ReadOnlySpan<ulong> keys)
    {
        var place = head.Offset - Start;
        Length = place + head.Length;
        QueueEnds[head.Queue] = head.Offset + head.Length;
        Index!.Add(head.Queue, place, head.Length);
        Marks!.Add(head.Shard, head.AppendedTicks, keys);
        MarkCount += keys.Length;
        LastTicks = Math.Max(LastTicks, head.AppendedTicks);
        EpochMax = Math.Max(EpochMax, head.Epoch);
    }

    /// <summary>The start offset in a file name, or null for another file.</summary>
    public static long? StartOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
                ? start
                : null;

    /// <summary>Keeps the file open for a reader.</summary>
    public void Lease() => _leases++;

    /// <summary>Ends a lease; closes the file when it was the last of a retired segment.</summary>
    public void Return()
    {
        if (--_leases == 0 && IsRetired)
            File.Dispose();
    }

    /// <summary>Closes the file as soon as nobody reads it.</summary>
    public void Retire()
    {
        IsRetired = true;
        if (_leases == 0)
            File.Dispose();
    }
}
