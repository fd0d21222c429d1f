using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace Divolte.Grains.Intake;

/// <summary>Takes what another silo's intake forwards: one on each silo, because a grain call cannot choose its silo.</summary>
[Alias("divolte.silo-intake")]
internal interface ISiloIntakeService : IGrainService
{
    /// <summary>One verdict for each event, in the order of the batch; like <see cref="Interfaces.Intake.IIntakeGrain.SubmitAsync"/>.</summary>
    [Alias("forward"), ResponseTimeout("00:00:02")] // a silo that died answers nobody; the part is delivered again
    Task<BatchReceipt> ForwardAsync(EventBatch batch, CancellationToken cancellationToken);
}

/// <inheritdoc cref="ISiloIntakeService"/>
[Reentrant]
internal sealed class SiloIntakeService(GrainId grainId, Silo silo, ILoggerFactory loggers, PartRouter router)
    : GrainService(grainId, silo, loggers), ISiloIntakeService
{
    public Task<BatchReceipt> ForwardAsync(EventBatch batch, CancellationToken cancellationToken) =>
        router.AcceptAsync(batch, mayForward: false, cancellationToken);
}

/// <summary>The way to other silos' <see cref="SiloIntakeService"/>.</summary>
internal sealed class SiloIntakeClient(IServiceProvider services) : GrainServiceClient<ISiloIntakeService>(services)
{
    public Task<BatchReceipt> ForwardAsync(SiloAddress owner, EventBatch batch, CancellationToken cancellationToken) =>
        GetGrainService(owner).ForwardAsync(batch, cancellationToken);
}
