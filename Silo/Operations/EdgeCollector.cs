using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Silo.Operations;

/// <summary>Asks the grid what came in at the edges of all its processes: of this one as of now, of the others as of their last report.</summary>
internal sealed class EdgeCollector(EdgeReporter own, IGrainFactory grains)
{
    public async Task<GridEdges> CollectAsync(CancellationToken cancellationToken)
    {
        await own.ReportAsync(cancellationToken);
        return new GridEdges(await grains.GetGrain<IEdgeGrain>(0).GetAsync().WaitAsync(cancellationToken));
    }
}
