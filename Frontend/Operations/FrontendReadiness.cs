using Divolte.Frontend.Clustering;
using Divolte.Frontend.Spool;

namespace Divolte.Frontend.Operations;

/// <summary>Whether an event that comes now can be made durable: by the grid, or by the frontend's own spool.</summary>
/// <param name="grid">The way to the silos.</param>
/// <param name="drain">Whether the process is leaving.</param>
/// <param name="spool">Null without one.</param>
internal sealed class FrontendReadiness(GridConnection grid, ShutdownDrain drain, EventSpool? spool = null)
{
    private volatile bool _isStarted;

    /// <summary>Everything is started; from now on only the grid, the spool and a stop decide.</summary>
    public void MarkStarted() => _isStarted = true;

    /// <summary>Why no event can be taken now; null when one can.</summary>
    public string? Obstacle()
    {
        if (!_isStarted)
            return "starting";
        if (drain.State != DrainState.Serving)
            return "stopping";
        if (grid.Refused.IsCompleted || spool is null)
            return grid.Obstacle;
        return grid.Obstacle is { } away && spool.Obstacle is { } full ? $"{away}; spool: {full}" : null;
    }
}
