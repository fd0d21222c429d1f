using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Formats;
using Orleans;
using Orleans.CodeGeneration;

namespace Divolte.Grains.Interfaces.Deduplication;

/// <summary>One shard of the duplicate memory; its key is the number of the shard.</summary>
[Alias("divolte.deduplication"), Version(GridFormat.Latest)]
public interface IDeduplicationGrain : IGrainWithIntegerKey
{
    /// <summary>Checks the events of one part against the memory, appends them to the journal with their marks, and answers with a verdict each.</summary>
    /// <param name="frontend">The frontend that counts the sequence.</param>
    /// <param name="part">The part.</param>
    /// <param name="cancellationToken">Ends the waiting, not a write that is under way.</param>
    /// <exception cref="TimeoutException">No answer within two seconds: the silo may have died. Deliver the part again.</exception>
    [Alias("accept"), ResponseTimeout("00:00:02")]
    Task<BatchReceipt> AcceptAsync(Guid frontend, ShardPart part, CancellationToken cancellationToken);

    /// <summary>How the shard is: for status pages.</summary>
    [Alias("status")]
    Task<ShardStatus> GetStatusAsync();
}

/// <summary>One part of a batch, alone.</summary>
[GenerateSerializer, Immutable, Alias("divolte.shard-part")]
public sealed record ShardPart
{
    [Id(0)]
    public required int EventCount { get; init; }

    /// <summary>See <see cref="BatchPartHead.Sequence"/>.</summary>
    [Id(1)]
    public required long Sequence { get; init; }

    /// <summary>See <see cref="BatchPartHead.SettledBelow"/>.</summary>
    [Id(2)]
    public required long SettledBelow { get; init; }

    /// <summary>The frames, one after another.</summary>
    [Id(3)]
    public required ReadOnlyMemory<byte> Frames { get; init; }
}

/// <summary>One shard's figures.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="Silo">Address of the silo that holds it, as text.</param>
/// <param name="Epoch">Its current fencing epoch.</param>
/// <param name="RememberedEvents">Live entries of its duplicate memory.</param>
/// <param name="EffectiveWindow">Age of the oldest entry that had to leave early because the memory was full; the configured window otherwise.</param>
/// <param name="FirstSights">Events that it took as new since it came to its silo.</param>
/// <param name="Repetitions">Events that it flagged as repeated since then.</param>
[GenerateSerializer, Immutable, Alias("divolte.shard-status")]
public sealed record ShardStatus(
    [property: Id(0)] int Shard,
    [property: Id(1)] string Silo,
    [property: Id(2)] long Epoch,
    [property: Id(3)] int RememberedEvents,
    [property: Id(4)] TimeSpan EffectiveWindow,
    [property: Id(5)] long FirstSights,
    [property: Id(6)] long Repetitions);
