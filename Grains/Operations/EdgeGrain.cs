using Divolte.Grains.Interfaces.Operations;
using Orleans;

namespace Divolte.Grains.Operations;

/// <inheritdoc cref="IEdgeGrain"/>
internal sealed class EdgeGrain(TimeProvider time) : Grain, IEdgeGrain
{
    private readonly FrontendEdges _edges = new(time);

    public Task ReportAsync(EdgeReport report)
    {
        _edges.Take(report);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<FrontendEdge>> GetAsync() => Task.FromResult(_edges.Describe());
}
