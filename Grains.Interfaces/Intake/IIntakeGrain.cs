using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Formats;
using Orleans;
using Orleans.CodeGeneration;

namespace Divolte.Grains.Interfaces.Intake;

/// <summary>
/// Takes a frontend's batch on the silo that the call reached: a stateless worker, because an Orleans client cannot choose the silo of a call.
/// It splits the batch by shard, hands each part to its shard, and answers when every part has its outcome.
/// </summary>
[Alias("divolte.intake"), Version(GridFormat.Latest)]
public interface IIntakeGrain : IGrainWithIntegerKey
{
    /// <summary>One verdict for each event, in the order of the batch. The events named durable are synced in the journal when this returns.</summary>
    [Alias("submit")]
    Task<BatchReceipt> SubmitAsync(EventBatch batch, CancellationToken cancellationToken);
}
