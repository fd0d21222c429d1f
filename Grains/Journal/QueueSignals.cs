namespace Divolte.Grains.Journal;

/// <summary>Wakes those who wait for something new in a queue. All waiters of a queue share one task; none is made while nobody waits.</summary>
/// <param name="queues">Number of queues.</param>
internal sealed class QueueSignals(int queues)
{
    private readonly TaskCompletionSource?[] _waiting = new TaskCompletionSource?[queues];
    private bool _isClosed;

    /// <summary>A task that completes at the next <see cref="Raise"/>. The caller holds the lock under which it saw that there is nothing yet.</summary>
    public Task Next(int queue)
    {
        lock (_waiting)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(IJournal));
            return (_waiting[queue] ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void Raise(int queue)
    {
        TaskCompletionSource? waiting;
        lock (_waiting)
        {
            waiting = _waiting[queue];
            _waiting[queue] = null;
        }
        waiting?.SetResult();
    }

    /// <summary>Fails all waits, present and future.</summary>
    public void Close()
    {
        lock (_waiting)
        {
            _isClosed = true;
            foreach (var waiting in _waiting)
                waiting?.SetException(new ObjectDisposedException(nameof(IJournal)));
            Array.Clear(_waiting);
        }
    }
}
