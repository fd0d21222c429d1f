using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Divolte.Grains.Deduplication;

/// <summary>Places shards over silos by rendezvous hashing: a silo that joins takes its share of every other, and nothing else moves.</summary>
[GenerateSerializer, Immutable, Alias("divolte.shard-placement")]
internal sealed class ShardPlacement : PlacementStrategy
{
    /// <summary>The silo with the highest score for a shard. A silo that comes back on its address gets back what it had.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="silos">At least one.</param>
    public static SiloAddress OwnerOf(int shard, IReadOnlyList<SiloAddress> silos)
    {
        var owner = silos[0];
        var highest = ScoreOf(shard, owner);
        for (var index = 1; index < silos.Count; index++)
        {
            var score = ScoreOf(shard, silos[index]);
            if (score > highest || (score == highest && silos[index].CompareTo(owner) > 0))
                (owner, highest) = (silos[index], score);
        }
        return owner;
    }

    private static ulong ScoreOf(int shard, SiloAddress silo)
    {
        Span<byte> text = stackalloc byte[256];
        BinaryPrimitives.WriteInt32LittleEndian(text, shard);
        var length = sizeof(int) + Encoding.UTF8.GetBytes(silo.Endpoint.ToString(), text[sizeof(int)..]);
        return XxHash3.HashToUInt64(text[..length]);
    }
}

/// <summary>Marks a grain whose key is the number of a shard.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShardPlacementAttribute() : Orleans.Placement.PlacementAttribute(new ShardPlacement());

/// <summary>Chooses the silo of a shard that starts.</summary>
internal sealed class ShardPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var shard = (int)target.GrainIdentity.GetIntegerKey();
        return Task.FromResult(ShardPlacement.OwnerOf(shard, context.GetCompatibleSilos(target)));
    }
}
