namespace Divolte.Grains.Journal.Redis.State;

/// <summary>
/// How far this process has read each queue. A queue that ends earlier has lost entries that a sink may have delivered, whoever appended them; their places
/// must not be given to others. Thread-safe.
/// </summary>
/// <param name="queues">Number of queues.</param>
internal sealed class QueueReads(int queues)
{
    private readonly Lock _lock = new();
    private readonly JournalPosition[] _read = new JournalPosition[queues];

    /// <summary>Somebody has read a queue up to a position, from a server that was known to be the one looked at.</summary>
    public void Note(int queue, JournalPosition position)
    {
        lock (_lock)
        {
            if (_read[queue].Incarnation != position.Incarnation || _read[queue].Offset < position.Offset)
                _read[queue] = position;
        }
    }

    /// <summary>The queues that were read in an incarnation, with the furthest offset.</summary>
    public IReadOnlyList<(int Queue, long Offset)> ToList(long incarnation)
    {
        lock (_lock)
            return [.. _read.Select((read, queue) => (Queue: queue, read)).Where(one => one.read.Incarnation == incarnation).Select(one => (one.Queue, one.read.Offset))];
    }
}
