using Divolte.Frontend.Operations;
using Divolte.Grains.Journal;

namespace Divolte.Silo.Operations;

/// <summary>Whether this process can take an event and make it durable.</summary>
internal sealed class Readiness(IJournal journal, ShutdownDrain drain)
{
    private volatile bool _isStarted;

    /// <summary>Everything is started; from now on only the journal and a stop decide.</summary>
    public void MarkStarted() => _isStarted = true;

    /// <summary>Why no event can be taken now; null when one can.</summary>
    public string? Obstacle()
    {
        if (!_isStarted)
            return "starting";
        if (drain.State != DrainState.Serving)
            return "stopping";
        var health = journal.Health;
        return health.CanAppend ? null : $"journal: {health.Reason}";
    }
}
