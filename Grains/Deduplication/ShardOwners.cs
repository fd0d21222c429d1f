using Divolte.Grains.Interfaces.Identity;
using Orleans.Runtime;

namespace Divolte.Grains.Deduplication;

/// <summary>Which silo each shard belongs to, by the membership that this silo knows. Only a hint: the grain directory and the epoch decide. Thread-safe.</summary>
internal sealed class ShardOwners(IClusterMembershipService membership, ILocalSiloDetails local, ShardMap shards)
{
    private volatile Map? _map;

    /// <summary>How often a shard asks whether it belongs elsewhere. Apart enough that a joining silo settles between two looks.</summary>
    public TimeSpan LookPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Address of this silo.</summary>
    public SiloAddress Local => local.SiloAddress;

    /// <summary>The owner of a shard; null while no silo is active.</summary>
    public SiloAddress? OwnerOf(int shard)
    {
        var snapshot = membership.CurrentSnapshot;
        var map = _map;
        if (map is null || map.Version != snapshot.Version)
            _map = map = Build(snapshot);
        return map.Owners[shard];
    }

    private Map Build(ClusterMembershipSnapshot snapshot)
    {
        var active = snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).ToArray();
        var owners = new SiloAddress?[shards.Shards];
        if (active.Length > 0)
        {
            for (var shard = 0; shard < owners.Length; shard++)
                owners[shard] = ShardPlacement.OwnerOf(shard, active);
        }
        return new Map(snapshot.Version, owners);
    }

    private sealed record Map(MembershipVersion Version, SiloAddress?[] Owners);
}
