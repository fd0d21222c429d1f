using System.IO.Hashing;

namespace Divolte.Grains.Interfaces.Identity;

/// <summary>Request → shard → queue. Fixed for the life of a cluster: the numbers are stored in the journal at its first start.</summary>
/// <param name="shards">How many shards there are, 1 to 65,535.</param>
/// <param name="queues">How many journal queues there are, 1 to <paramref name="shards"/>.</param>
public sealed class ShardMap(int shards, int queues)
{
    /// <summary>Apart from the seed of the identity key, so that the keys inside one shard keep all their bits.</summary>
    private const long Seed = 0x5_4861_7264;

    public int Shards { get; } = shards is > 0 and <= ushort.MaxValue ? shards : throw new ArgumentOutOfRangeException(nameof(shards), shards, "1 to 65535");

    public int Queues { get; } = queues > 0 && queues <= shards ? queues : throw new ArgumentOutOfRangeException(nameof(queues), queues, "1 to the number of shards");

    /// <summary>The hash of what events are routed by: the canonical party id, or the whole request target.</summary>
    public static uint HashOf(ReadOnlySpan<byte> routedBy) => (uint)XxHash3.HashToUInt64(routedBy, Seed);

    /// <summary>The shard of a hash, spread evenly also when the number of shards is no power of two.</summary>
    public int ShardOf(uint hash) => (int)((ulong)hash * (uint)Shards >> 32);

    /// <summary>The queue that carries a shard's events.</summary>
    public int QueueOf(int shard) => shard % Queues;
}
