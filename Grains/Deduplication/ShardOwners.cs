using Divolte.Grains.Interfaces.Identity;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Divolte.Grains.Deduplication;

/// <summary>Which silo each shard belongs to, by the membership that this silo knows. Only a hint: the grain directory and the epoch decide. Thread-safe.</summary>
/// <remarks>
/// A silo counts from when its manifest is here, which is a moment after it is active: placement chooses among those too, and a shard that set out for a silo
/// before could only stop, without its memory, and be read from the marks again.
/// </remarks>
internal sealed class ShardOwners(
    IClusterMembershipService membership, IClusterManifestProvider manifests, ILocalSiloDetails local, ShardMap shards)
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
        var manifest = manifests.Current;
        var map = _map;
        if (map is null || map.Version != snapshot.Version || map.ManifestVersion != manifest.Version)
            _map = map = Build(snapshot, manifest);
        return map.Owners.Length == 0 ? null : map.Owners[shard];
    }

    private Map Build(ClusterMembershipSnapshot snapshot, ClusterManifest manifest)
    {
        var active = snapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && manifest.Silos.ContainsKey(member.SiloAddress))
            .Select(member => member.SiloAddress);
        return new Map(snapshot.Version, manifest.Version, ShardPlacement.Divide(shards, active));
    }

    private sealed record Map(MembershipVersion Version, MajorMinorVersion ManifestVersion, SiloAddress[] Owners);
}
