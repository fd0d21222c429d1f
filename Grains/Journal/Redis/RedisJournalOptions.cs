using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Grains.Journal.Redis;

/// <summary>What a journal in Redis needs to know, with the bounds of its memory.</summary>
internal sealed record RedisJournalOptions
{
    /// <summary>As <c>divolte.global.grid.redis</c>.</summary>
    public required string Connection { get; init; }

    /// <summary>Stored at the first start, compared at every other.</summary>
    public required JournalParameters Parameters { get; init; }

    /// <summary>What the server must keep to.</summary>
    public RedisOptions Server { get; init; } = new();

    /// <summary>Name of the cluster: all its keys begin with <c>{NAME}:</c>.</summary>
    public string Cluster { get; init; } = "divolte";

    /// <summary>How long marks are kept at least. Default 10 minutes, as <c>divolte.global.grid.duplicate_window</c>.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The number of marks that are kept at least, whatever their age. Default 1,000,000, as <c>divolte.global.mapper.duplicate_memory_size</c>.</summary>
    public int DuplicateMemorySize { get; init; } = 1_000_000;

    /// <summary>Marks beyond this number need not be kept, whatever their age. Default 4,000,000, as <c>divolte.global.grid.duplicate_capacity</c>.</summary>
    public int DuplicateCapacity { get; init; } = 4_000_000;

    /// <summary>Whether entries are kept while no sink has any progress. Default true: sinks that are about to save their first need them.</summary>
    public bool RetainWithoutSinks { get; init; } = true;

    /// <summary>Longest append in bytes. Default 64 MiB.</summary>
    public int AppendBytesMax { get; init; } = 64 << 20;

    /// <summary>Most bytes that share one script, unless one append alone is larger. Default 1 MiB: the server does nothing else meanwhile.</summary>
    public int GroupBytesMax { get; init; } = 1 << 20;

    /// <summary>Most appends that share one script. Default 512.</summary>
    public int GroupAppendsMax { get; init; } = 512;

    /// <summary>Most bytes that wait to be sent; an append beyond it is answered <see cref="AppendStatus.Unavailable"/>. Default 64 MiB.</summary>
    public long WaitingBytesMax { get; init; } = 64 << 20;

    /// <summary>Bytes of the last appends that are kept for readers of this process. Default 16 MiB: with 16 queues, what one read brings of each.</summary>
    public long TailBytesMax { get; init; } = 16 << 20;

    /// <summary>How long a command may take before its outcome counts as unknown. Default 2 s, like the calls between silos.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a start waits for the server. Default 15 s.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often the server's memory is looked at. Default one second.</summary>
    public TimeSpan LookPeriod { get; init; } = TimeSpan.FromSeconds(1);
}
