namespace Divolte.Grains.Journal.Writing;

/// <summary>
/// The one thread that writes. Appends that arrive while a write is under way wait together and share the next one; that is all the batching there is,
/// no timer. What else must not happen during a write is run between two of them.
/// </summary>
internal sealed class JournalWriter
{
    private readonly GroupAppender _appender;
    private readonly LocalJournalOptions _options;
    private readonly TimeProvider _time;
    private readonly AppendRequestPool _pool = new(1024);
    private readonly object _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<AppendRequest> _waiting = [];
    private List<AppendRequest> _taken = [];
    private List<Action> _errands = [];
    private List<Action> _takenErrands = [];
    private long _waitingBytes;
    private int _groupsBeginning;
    private bool _isClosing;

    public JournalWriter(GroupAppender appender, LocalJournalOptions options, TimeProvider time)
    {
        _appender = appender;
        _options = options;
        _time = time;
        new Thread(Run) { IsBackground = true, Name = "Divolte journal writer" }.Start();
    }

    /// <summary>Queues an append; unavailable at once when too much waits.</summary>
    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append)
    {
        var request = _pool.Rent();
        request.Start(append, _options.AppendBytesMax);
        var outcome = request.Outcome;
        lock (_gate)
        {
            if (!_isClosing && _waiting.Count < _options.WaitingAppendsMax && (_waitingBytes == 0 || _waitingBytes + request.Length <= _options.WaitingBytesMax))
            {
                _waiting.Add(request);
                _waitingBytes += request.Length;
                if (_waiting.Count == 1 && _groupsBeginning == 0)
                    Monitor.Pulse(_gate);
                return outcome;
            }
        }
        request.Complete(AppendStatus.Unavailable, _time.GetUtcNow());
        return outcome;
    }

    /// <summary>Until <see cref="EndGroup"/> an append does not wake the writer: it would write the first one alone, and the others after it.</summary>
    public void BeginGroup()
    {
        lock (_gate)
            _groupsBeginning++;
    }

    /// <inheritdoc cref="BeginGroup"/>
    public void EndGroup()
    {
        lock (_gate)
        {
            _groupsBeginning--;
            if (_waiting.Count > 0)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Runs something on the writer's thread, between two writes, after all appends that wait now.</summary>
    public Task<T> RunAsync<T>(Func<T> errand)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosing, typeof(IJournal));
            _errands.Add(() =>
            {
                try
                {
                    done.SetResult(errand());
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            });
            Monitor.Pulse(_gate);
        }
        return done.Task;
    }

    /// <summary>Lets the writer look, between two writes, whether a disk that failed works again.</summary>
    public void Probe()
    {
        lock (_gate)
        {
            if (_isClosing || _errands.Count > 0)
                return;
            _errands.Add(() => _appender.Probe());
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what waits, then ends the thread.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosing = true;
            Monitor.Pulse(_gate);
        }
        return _ended.Task;
    }

    private void Run()
    {
        while (TakeWaiting())
        {
            WriteInGroups(_taken);
            _taken.Clear();
            foreach (var errand in _takenErrands)
                errand();
            _takenErrands.Clear();
        }
        _ended.SetResult();
    }

    /// <summary>Waits for work and takes all of it.</summary>
    /// <returns>False when the journal closes and nothing is left.</returns>
    private bool TakeWaiting()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && _errands.Count == 0 && !_isClosing)
                Monitor.Wait(_gate);
            // The lists change places: what is added from now on must not be seen by this turn.
            (_waiting, _taken) = (_taken, _waiting);
            (_errands, _takenErrands) = (_takenErrands, _errands);
            _waitingBytes = 0;
            return !_isClosing || _taken.Count > 0 || _takenErrands.Count > 0;
        }
    }

    private void WriteInGroups(List<AppendRequest> taken)
    {
        for (var first = 0; first < taken.Count;)
        {
            var bytes = 0L;
            var end = first;
            while (end < taken.Count && (end == first || bytes + taken[end].Length <= _options.GroupBytesMax))
                bytes += taken[end++].Length;
            _appender.Append(taken, first, end);
            first = end;
        }
    }
}
