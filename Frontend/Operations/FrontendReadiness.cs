using Divolte.Frontend.Clustering;

namespace Divolte.Frontend.Operations;

/// <summary>Whether an event that comes now can be made durable: by the grid.</summary>
internal sealed class FrontendReadiness(GridConnection grid, ShutdownDrain drain)
{
    private volatile bool _isStarted;

    /// <summary>Everything is started; from now on only the grid and a stop decide.</summary>
    public void MarkStarted() => _isStarted = true;

    /// <summary>Why no event can be taken now; null when one can.</summary>
    public string? Obstacle()
    {
        if (!_isStarted)
            return "starting";
        return drain.State == DrainState.Serving ? grid.Obstacle : "stopping";
    }
}
