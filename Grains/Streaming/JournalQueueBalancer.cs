using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;
using System.IO.Hashing;
using System.Text;

namespace Divolte.Grains.Streaming;

/// <summary>
/// Which silo reads which queues of a sink: an even share each, and few queues move when a silo comes or goes. With one silo it has them all.
/// While silos disagree about who is alive, a queue may be read twice or not at all for a moment; the sink ignores what it has and the journal keeps the rest.
/// </summary>
internal sealed class JournalQueueBalancer(IServiceProvider services, ILogger<JournalQueueBalancer> logger) : QueueBalancerBase(services, logger)
{
    private QueueId[] _all = [];
    private volatile QueueId[] _mine = [];

    public override Task Initialize(IStreamQueueMapper queueMapper)
    {
        _all = [.. queueMapper.GetAllQueues()];
        return base.Initialize(queueMapper);
    }

    public override IEnumerable<QueueId> GetMyQueues() => _mine;

    protected override void OnClusterMembershipChange(HashSet<SiloAddress> activeSilos)
    {
        var shares = Divide(_all, [.. activeSilos]);
        _mine = [.. _all.Where((_, index) => shares[index] is { } silo && silo.Equals(SiloAddress))];
        NotifyListeners().Ignore();
    }

    /// <summary>
    /// The silo of each queue: by rendezvous hashing, but no silo gets more than its even share, nor less; so a queue goes to its best silo with room left.
    /// Every silo computes the same from the same members.
    /// </summary>
    internal static SiloAddress?[] Divide(QueueId[] queues, SiloAddress[] silos)
    {
        var owners = new SiloAddress?[queues.Length];
        if (silos.Length == 0)
            return owners;
        // So many have one more than the share.
        var (share, larger) = Math.DivRem(queues.Length, silos.Length);
        var taken = silos.ToDictionary(silo => silo, _ => 0);
        for (var index = 0; index < queues.Length; index++)
        {
            var queue = queues[index];
            var owner = silos.Where(silo => taken[silo] < share || (taken[silo] == share && larger > 0)).MaxBy(silo => Weight(queue, silo))!;
            if (taken[owner]++ == share)
                larger--;
            owners[index] = owner;
        }
        return owners;
    }

    private static ulong Weight(QueueId queue, SiloAddress silo) =>
        XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{queue.GetStringNamePrefix()}/{queue.GetNumericId()}@{silo.ToParsableString()}"));
}
