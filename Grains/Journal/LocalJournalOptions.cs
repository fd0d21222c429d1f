namespace Divolte.Grains.Journal;

/// <summary>What an embedded journal needs to know, with the bounds of its memory.</summary>
internal sealed record LocalJournalOptions
{
    /// <summary>Where it lies; the journal makes <c>journal</c> and <c>lock</c> in it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Stored at the first start, compared at every other.</summary>
    public required JournalParameters Parameters { get; init; }

    /// <summary>How long marks are kept at least. Default 10 minutes, as <c>divolte.global.grid.duplicate_window</c>.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The number of marks that are kept at least, whatever their age. Default 1,000,000, as <c>divolte.global.mapper.duplicate_memory_size</c>.</summary>
    public int DuplicateMemorySize { get; init; } = 1_000_000;

    /// <summary>Marks beyond this number need not be kept, whatever their age. Default 4,000,000, as <c>divolte.global.grid.duplicate_capacity</c>.</summary>
    public int DuplicateCapacity { get; init; } = 4_000_000;

    /// <summary>
    /// Whether segments are kept while no sink has any progress. Default true: sinks that are about to save their first need them. False for a
    /// configuration without sinks, which would otherwise fill the disk.
    /// </summary>
    public bool RetainWithoutSinks { get; init; } = true;

    /// <summary>Size of a segment file in bytes, reserved when it is made. Default 64 MiB.</summary>
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Memory for the bytes that were appended last. Default 8 MiB: some hundred milliseconds of all that two cores take, and sinks that keep up read every 20.
    /// More is not only held, it also grows old enough to wait for a full collection.
    /// </summary>
    public long TailCacheBytes { get; init; } = 8 << 20;

    /// <summary>Memory for the indexes of older segments. Default 16 MiB.</summary>
    public long IndexBytes { get; init; } = 16 << 20;

    /// <summary>Most bytes that wait for the writer; an append beyond it is answered <see cref="AppendStatus.Unavailable"/>. Default 64 MiB.</summary>
    public long WaitingBytesMax { get; init; } = 64 << 20;

    /// <summary>Most appends that wait for the writer. Default 65,536.</summary>
    public int WaitingAppendsMax { get; init; } = 65_536;

    /// <summary>Most bytes that share one sync, unless one append alone is larger. Default 4 MiB.</summary>
    public int GroupBytesMax { get; init; } = 4 << 20;

    /// <summary>Longest append in bytes. Default 64 MiB.</summary>
    public int AppendBytesMax { get; init; } = 64 << 20;

    /// <summary>How often progress is synced, and what is no longer needed is freed. Default one second, which is what <see cref="IJournal.SaveProgressAsync"/> promises.</summary>
    public TimeSpan UpkeepPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long appends are refused without touching the disk after it failed. Default 250 ms.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(250);
}
