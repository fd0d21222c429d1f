using Divolte.Grains.Journal;
using Divolte.Grains.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Divolte.Grains.Streaming;

/// <summary>
/// Places the consumer of a queue on the silo that reads it, as <see cref="QueueShares"/> divides them: when it starts, and when it migrates. A call
/// whose sender believes that the consumer still is where it was starts it there without asking; see <see cref="QueueOwners"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("divolte.queue-placement")]
internal sealed class QueuePlacement : PlacementStrategy;

/// <summary>Marks a grain whose key is <see cref="JournalStream.KeyOf"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class QueuePlacementAttribute() : Orleans.Placement.PlacementAttribute(new QueuePlacement());

/// <summary>Chooses the silo of a consumer that starts.</summary>
internal sealed class QueuePlacementDirector(IJournal journal) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var (_, queue) = JournalStream.Parse(target.GrainIdentity.Key.ToString()!);
        var queues = journal.Parameters.Queues;
        return Task.FromResult(queue < queues ? QueueShares.Divide(queues, silos)[queue] : silos[0]);
    }
}
