using Divolte.Grains.Journal;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Divolte.Grains.Placement;

/// <summary>
/// Which silo each queue belongs to, with its shards and its readers, by the membership that this silo knows, as <see cref="QueueShares"/> divides them. Only a
/// hint: silos may disagree for a moment, and the grain directory, epochs and claims decide. Thread-safe.
/// </summary>
/// <remarks>
/// A silo counts from when its manifest is here, which is a moment after it is active: placement chooses among those too, and who set out for a silo before
/// could only stop, a shard without its memory.
/// </remarks>
internal sealed class QueueOwners(IClusterMembershipService membership, IClusterManifestProvider manifests, ILocalSiloDetails local, IJournal journal)
{
    private volatile Map? _map;

    /// <summary>How often a shard or a consumer asks whether it belongs elsewhere. Apart enough that a joining silo settles between two looks.</summary>
    public TimeSpan LookPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Address of this silo.</summary>
    public SiloAddress Local => local.SiloAddress;

    /// <summary>The silo that a queue belongs to when that is another one; null when it belongs here, or nobody can say.</summary>
    public SiloAddress? FindOther(int queue)
    {
        var owners = CurrentMap().Owners;
        return queue < owners.Length && !owners[queue].Equals(local.SiloAddress) ? owners[queue] : null;
    }

    private Map CurrentMap()
    {
        var snapshot = membership.CurrentSnapshot;
        var manifest = manifests.Current;
        var map = _map;
        if (map is null || map.Version != snapshot.Version || map.ManifestVersion != manifest.Version)
        {
            var active = snapshot.Members.Values
                .Where(member => member.Status == SiloStatus.Active && manifest.Silos.ContainsKey(member.SiloAddress))
                .Select(member => member.SiloAddress);
            _map = map = new Map(snapshot.Version, manifest.Version, QueueShares.Divide(journal.Parameters.Queues, active));
        }
        return map;
    }

    private sealed record Map(MembershipVersion Version, MajorMinorVersion ManifestVersion, SiloAddress[] Owners);
}
