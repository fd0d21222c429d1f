namespace Divolte.Frontend.Spool;

/// <summary>Every bound of a spool. Only the first is a setting of the configuration file.</summary>
internal sealed record SpoolBounds
{
    /// <summary>Bytes of all segment files together: <c>divolte.global.grid.spool.maximum_size</c>.</summary>
    public long BytesMax { get; init; } = 1L << 30;

    /// <summary>Bytes of one segment file, whose room is reserved when it is made. At most an eighth of all; a single part that is larger gets a file of its size.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>Parts on disk that are not yet delivered: what the index of a spool costs in memory, 32 bytes each.</summary>
    public int PartsMax { get; init; } = 2_000_000;

    /// <summary>Bytes of one write, but for a single part that is larger.</summary>
    public int GroupBytesMax { get; init; } = 4 << 20;

    /// <summary>How long nothing is written after the disk failed.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the progress of the delivery is written. What a crash forgets of it is delivered again, and recognised by the grid.</summary>
    public TimeSpan ProgressPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The length of a new segment file for a write of so many bytes.</summary>
    public long SegmentLengthFor(int bytes) => Math.Max(Math.Min(SegmentBytes, BytesMax / 8), SpoolSegment.HeaderLength + bytes);
}
