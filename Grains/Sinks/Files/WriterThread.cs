namespace Divolte.Grains.Sinks.Files;

/// <summary>
/// The thread that does one writer's file calls, all of which may block: grains never wait for a disk. Runs what is posted in order, and in between looks
/// after the file when that is due.
/// </summary>
internal sealed class WriterThread : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wake = new(0);
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
        lock (_lock)
        {
            if (_isEnded)
                return false;
            _work.Enqueue(work);
        }
        _wake.Release();
        return true;
    }

    /// <summary>Asks for a tick after so long; replaces an earlier wish.</summary>
    public void WakeIn(TimeSpan delay) => _timer.Change(delay, Timeout.InfiniteTimeSpan);

    /// <summary>Ends the thread after what was posted. Called on any thread but this one.</summary>
    public void Dispose()
    {
        lock (_lock)
            _isEnded = true;
        _timer.Dispose();
        _wake.Release();
        _thread.Join();
        _wake.Dispose();
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_isTicking || _isEnded)
                return;
            _isTicking = true;
            _work.Enqueue(() =>
            {
                lock (_lock)
                    _isTicking = false;
                _tick();
            });
        }
        _wake.Release();
    }

    private void Run()
    {
        while (true)
        {
            _wake.Wait();
            Action? work;
            lock (_lock)
            {
                if (!_work.TryDequeue(out work) && _isEnded)
                    return;
            }
            work?.Invoke();
        }
    }
}
