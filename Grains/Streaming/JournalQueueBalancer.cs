using Divolte.Grains.Placement;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

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
        var shares = QueueShares.Divide(_all.Length, activeSilos);
        _mine = [.. _all.Where(queue => shares.Length > 0 && shares[queue.GetNumericId()].Equals(SiloAddress))];
        NotifyListeners().Ignore();
    }
}
