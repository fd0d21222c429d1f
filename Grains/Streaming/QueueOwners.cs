using Divolte.Grains.Journal;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>
/// Which silo each queue belongs to, for all sinks, by the membership that this silo knows: the one that reads it, as <see cref="JournalQueueBalancer"/> divides
/// them. Silos may disagree for a moment. Thread-safe.
/// </summary>
/// <remarks>A silo counts from when its manifest is here: before, nothing can be placed there, and a consumer that set out for it would only stop.</remarks>
internal sealed class QueueOwners(IClusterMembershipService membership, IClusterManifestProvider manifests, ILocalSiloDetails local, IJournal journal)
{
    private volatile Map? _map;

    /// <summary>How often a consumer asks whether it belongs elsewhere. Apart enough that a joining silo settles between two looks.</summary>
    public TimeSpan LookPeriod { get; init; } = TimeSpan.FromSeconds(5);

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
            _map = map = new Map(snapshot.Version, manifest.Version, JournalQueueBalancer.Divide(journal.Parameters.Queues, active));
        }
        return map;
    }

    private sealed record Map(MembershipVersion Version, MajorMinorVersion ManifestVersion, SiloAddress[] Owners);
}
