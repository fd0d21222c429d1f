using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Orleans.Concurrency;

namespace Divolte.Grains.Operations;

/// <inheritdoc cref="IGridProbeGrain"/>
[StatelessWorker]
internal sealed class GridProbeGrain(IJournal journal) : Grain, IGridProbeGrain
{
    public Task<GridProbe> GetAsync()
    {
        var (parameters, health) = (journal.Parameters, journal.Health);
        return Task.FromResult(
            new GridProbe(parameters.Shards, parameters.Queues, parameters.RouteBy, health.CanAppend, health.Reason, parameters.Format));
    }
}
