using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Divolte.Grains.Deduplication;

/// <summary>
/// Places shards over silos with the queues that carry their events, see <see cref="QueueShares"/>: what a shard appends is read on the same silo. A silo that
/// joins takes its share of every other, little else moves, and one that comes back on its address gets back what it had.
/// </summary>
[GenerateSerializer, Immutable, Alias("divolte.shard-placement")]
internal sealed class ShardPlacement : PlacementStrategy
{
    /// <summary>The silo of each shard; none while there is no silo.</summary>
    public static SiloAddress[] Divide(ShardMap map, IEnumerable<SiloAddress> silos)
    {
        var owners = QueueShares.Divide(map.Queues, silos);
        return owners.Length == 0 ? [] : [.. Enumerable.Range(0, map.Shards).Select(shard => owners[map.QueueOf(shard)])];
    }
}

/// <summary>Marks a grain whose key is the number of a shard.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShardPlacementAttribute() : Orleans.Placement.PlacementAttribute(new ShardPlacement());

/// <summary>Chooses the silo of a shard that starts.</summary>
internal sealed class ShardPlacementDirector(ShardMap map) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var shard = (int)target.GrainIdentity.GetIntegerKey();
        var owners = ShardPlacement.Divide(map, context.GetCompatibleSilos(target));
        return Task.FromResult(owners[Math.Clamp(shard, 0, owners.Length - 1)]); // a shard that does not exist fails where it starts
    }
}
