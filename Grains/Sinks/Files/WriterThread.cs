namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// The thread that does one writer's file calls, all of which may block: grains never wait for a disk. Runs what is posted in order, and in between looks
/// after the file when that is due.
/// </summary>
internal sealed class WriterThread : IDisposable
{
    /// <summary>A monitor: a semaphore spins before it sleeps, once for every batch, and that is processor time for nothing.</summary>
    private readonly object _monitor = new();
    private readonly Queue<Action> _work = new();
    private readonly Action _tick;
    private readonly ITimer _timer;
    private readonly Thread _thread;
    private bool _isTicking;
    private bool _isEnded;

    /// <param name="name">Name of the thread, for operators.</param>
    /// <param name="time">The clock of <see cref="WakeIn"/>.</param>
    /// <param name="tick">Looks after the file; runs on the thread.</param>
    public WriterThread(string name, TimeProvider time, Action tick)
    {
        _tick = tick;
        _timer = time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs something on the thread, behind what was posted before. It must not throw.</summary>
    /// <returns>False when the thread has ended.</returns>
    public bool Post(Action work)
    {
        lock (_monitor)
        {
            if (_isEnded)
                return false;
            Enqueue(work);
        }
        return true;
    }

    /// <summary>Asks for a tick after so long; replaces an earlier wish.</summary>
    public void WakeIn(TimeSpan delay) => _timer.Change(delay, Timeout.InfiniteTimeSpan);

    /// <summary>Ends the thread after what was posted. Called on any thread but this one.</summary>
    public void Dispose()
    {
        lock (_monitor)
        {
            _isEnded = true;
            Monitor.Pulse(_monitor);
        }
        _timer.Dispose();
        _thread.Join();
    }

    private void Tick()
    {
        lock (_monitor)
        {
            if (_isTicking || _isEnded)
                return;
            _isTicking = true;
            Enqueue(RunTick);
        }
    }

    private void RunTick()
    {
        lock (_monitor)
            _isTicking = false;
        _tick();
    }

    /// <summary>Only the first piece of work can find the thread asleep. Called under the monitor.</summary>
    private void Enqueue(Action work)
    {
        _work.Enqueue(work);
        if (_work.Count == 1)
            Monitor.Pulse(_monitor);
    }

    private void Run()
    {
        while (Next() is { } work)
            work();
    }

    private Action? Next()
    {
        lock (_monitor)
        {
            while (_work.Count == 0 && !_isEnded)
                Monitor.Wait(_monitor);
            return _work.TryDequeue(out var work) ? work : null;
        }
    }
}
