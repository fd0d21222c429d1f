using Orleans;

namespace Divolte.Grains.Interfaces.Events;

/// <summary>
/// Events of one frontend for one silo, carried by one grain call: parts, each for one shard, read with <see cref="EventBatchReader"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("divolte.event-batch")]
public sealed record EventBatch
{
    /// <summary>The frontend process that counts the sequences: a random id for each start, so that a restarted frontend never repeats one.</summary>
    [Id(0)]
    public required Guid Frontend { get; init; }

    /// <summary>
    /// The parts, one after another. Each: shard (16 bits), count of events (16), length of the frames in bytes (32), sequence (64),
    /// settled-below (64), then the frames. Little-endian.
    /// </summary>
    /// <remarks>A slice, so that the sender can take its array from a pool. It stays unchanged until the call has answered.</remarks>
    [Id(1)]
    public required ReadOnlyMemory<byte> Parts { get; init; }

    /// <summary>How many events all parts hold together.</summary>
    [Id(2)]
    public required int EventCount { get; init; }

#if NEXT_FORMAT
    /// <summary>What the next release may have to say: see <see cref="Formats.GridFormat"/>.</summary>
    [Id(3)]
    public string Remark { get; init; } = "unknown to older silos";
#endif
}

/// <summary>
/// The head of a batch part. A part is the unit of redelivery: it keeps its sequence through retries, splits and the spool, and a shard
/// that has appended (frontend, sequence) answers a second delivery with <see cref="Deduplication.EventVerdict.AlreadyWritten"/>.
/// </summary>
/// <param name="Shard">The shard that all its events belong to.</param>
/// <param name="EventCount">How many events it holds, at least 1.</param>
/// <param name="Sequence">Number of the part, counted per frontend and shard from 1.</param>
/// <param name="SettledBelow">The frontend will never deliver a part with a lower sequence again, so the shard may forget those.</param>
public readonly record struct BatchPartHead(int Shard, int EventCount, long Sequence, long SettledBelow);
