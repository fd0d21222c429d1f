using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Intake;
using Orleans.Concurrency;

namespace Divolte.Grains.Intake;

/// <summary>Takes a frontend's batch on the silo that the call reached.</summary>
[StatelessWorker, Reentrant]
internal sealed class IntakeGrain(PartRouter router) : Grain, IIntakeGrain
{
    public Task<BatchReceipt> SubmitAsync(EventBatch batch, CancellationToken cancellationToken) =>
        router.AcceptAsync(batch, mayForward: true, cancellationToken);
}
