using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Sampling;
using Divolte.Grains.Sinks.Spill;
using Divolte.Grains.Streaming;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks;

/// <summary>
/// One queue of one sink: maps what arrives, writes it with several batches under way, and moves the progress on with what is confirmed. The only place
/// that retries. Whatever fails, nothing is skipped: what is not confirmed is written again, in order, through a new writer.
/// </summary>
internal sealed partial class SinkWorker : IAsyncDisposable
{
    /// <summary>Bytes taken and not confirmed, at most: what the reader may deliver, twice, because a reader may just have moved here.</summary>
    internal const long BufferBytesMax = 2 * JournalWindows.BytesMax;

    private readonly ISink _sink;
    private readonly int _queue;
    private readonly SinkWorkerServices _services;
    private readonly LossLedger _ledger;
    private readonly ProgressKeeper _progress;
    private readonly SinkInbox _inbox;
    private readonly BatchMapper _mapper;
    private readonly RetryDelay _retry;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;
    private volatile SinkCondition _condition = SinkCondition.Running;

    /// <param name="sink">The destination.</param>
    /// <param name="progress">Where to go on.</param>
    /// <param name="mappings">The mappings that feed the sink.</param>
    /// <param name="services">What all workers share.</param>
    /// <exception cref="InvalidDataException">The stored ledger cannot be read.</exception>
    public SinkWorker(ISink sink, SinkProgress progress, IReadOnlyList<SinkMapping> mappings, SinkWorkerServices services)
    {
        _sink = sink;
        _queue = progress.Queue;
        _services = services;
        _logger = services.Logger;
        _ledger = LossLedger.Parse(progress.Ledger);
        foreach (var mapping in mappings)
            _ledger.Join(mapping.Name, source => mapping.Takes(System.Text.Encoding.UTF8.GetBytes(source)));
        _progress = new ProgressKeeper(progress, _ledger, services.Journal, services.Time, services.Logger) { Spill = () => Spill };
        _inbox = new SinkInbox(progress.Position, BufferBytesMax, services.Time);
        _mapper = new BatchMapper(sink.Name, _queue, mappings, _ledger, services.Time);
        _retry = services.NewRetryDelay();
        Sampler = new RecordSampler(sink.Name, services.Time);
        if (progress.Position.Incarnation != services.Journal.Incarnation)
            Halt($"its progress is of incarnation {progress.Position.Incarnation}, but the journal is of incarnation {services.Journal.Incarnation}: " +
                $"the journal may have come back shorter. {SinkCursors.HowToDecide(Sink)}");
    }

    public string Sink => _sink.Name;

    public int Queue => _queue;

    /// <summary>What the worker is doing, and why.</summary>
    public SinkCondition Condition => _condition;

    /// <summary>Everything before it is confirmed, discarded on purpose, or kept.</summary>
    public JournalPosition Confirmed => _progress.Position;

    /// <summary>What is confirmed, with what the journal had counted there, by source.</summary>
    public (JournalPosition Position, IReadOnlyList<SourceCount> Accepted) Passed => _progress.Passed;

    /// <summary>The spill files of the queue; null when it has none, and never will.</summary>
    public SpillQueue? Spill { get; init; }

    /// <summary>Whether another process has taken the queue over, so that nothing is stored from here any more.</summary>
    public bool IsReplaced => _progress.IsReplaced || Spill?.IsReplaced == true;

    /// <summary>The position behind what was taken.</summary>
    public JournalPosition Taken => _inbox.Taken;

    /// <summary>Bytes taken and not confirmed.</summary>
    public long UnconfirmedBytes => _inbox.UnconfirmedBytes;

    /// <summary>When the oldest event was appended that was taken and is not confirmed; null when there is none.</summary>
    public DateTimeOffset? OldestWaiting => _pending.First?.Value.OldestAppendedAt ?? _inbox.OldestAppendedAt;

    /// <summary>What came in and what became of it. <see cref="LossLedger.Lines"/> says it in words.</summary>
    public LossLedger Ledger => _ledger;

    /// <summary>Keeps a record of late for who asks.</summary>
    public RecordSampler Sampler { get; }

    /// <summary>How the worker is, for status pages.</summary>
    /// <param name="end">The end of its queue.</param>
    public SinkStatus Describe(QueueEnd end) => new(
        Sink, _queue, _condition.State, _condition.Reason, EstimateBacklogBytes(end), OldestWaiting, _ledger.Lines(end.Accepted), SpilledBytes: Spill?.Bytes ?? 0);

    /// <summary>Stores how much of the backlog is in spill files now, together with the position.</summary>
    public Task NoteSpilledAsync(CancellationToken cancellationToken)
    {
        _progress.Touch();
        return _progress.SaveAsync(cancellationToken);
    }

    /// <summary>What waits for this worker in the journal, in events, times what events of its queue take on average.</summary>
    public long EstimateBacklogBytes(QueueEnd end) => (long)(_ledger.CountPending(end.Accepted) * _inbox.BytesPerEvent);

    /// <summary>What waits for this worker in the journal itself, without its spill files.</summary>
    public long EstimateJournalBytes(QueueEnd end) =>
        Spill?.Mark is { } mark && mark.Through > Confirmed.Offset
            ? (long)((end.Accepted.Sum(count => count.Events) - mark.Accepted.Sum(count => count.Events)) * _inbox.BytesPerEvent)
            : EstimateBacklogBytes(end);

    /// <summary>Does not start.</summary>
    public void Refuse(string reason) => Halt(reason);

    /// <summary>Starts writing; calls nobody back before the first await.</summary>
    public void Start()
    {
        if (_condition.State != SinkState.Stopped)
            _run = RunAsync();
    }

    /// <summary>Takes a batch from the stream: returns once it is in the buffer.</summary>
    /// <inheritdoc cref="SinkInbox.AcceptAsync"/>
    public ValueTask AcceptAsync(JournalBatch batch) => _inbox.AcceptAsync(batch);

    /// <summary>
    /// Takes nothing more, writes what was taken, stores the progress and lets the destination go. What is not confirmed within the bound is not: whoever
    /// takes the queue next writes it again.
    /// </summary>
    public async Task StopAsync(TimeSpan bound)
    {
        _stopping.TrySetResult();
        _inbox.Close();
        using var patience = new CancellationTokenSource();
        await Task.WhenAny(_run, Task.Delay(bound, _services.Time, patience.Token));
        await patience.CancelAsync();
        await _abort.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        foreach (var batch in _pending)
            batch.Dispose();
        _pending.Clear();
        _abort.Dispose();
        _progress.Dispose();
    }

    private bool IsStopping => _stopping.Task.IsCompleted;

    private async Task RunAsync()
    {
        while (!_abort.IsCancellationRequested)
        {
            var trouble = await RunWriterAsync();
            if (trouble is null || IsStopping || _condition.State == SinkState.Stopped)
                break;
            await PauseAsync(trouble);
        }
        await _progress.SaveAsync(CancellationToken.None);
    }

    /// <summary>Writes through one writer until there is trouble or the end.</summary>
    /// <returns>The trouble; null at the end.</returns>
    private async Task<string?> RunWriterAsync()
    {
        try
        {
            await using var writer = await _sink.OpenAsync(_queue, _abort.Token);
            return await ReadConfirmedAsync(writer) is { } confirmed ? await WriteOnAsync(writer, confirmed) : null;
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            return null;
        }
        catch (SinkUnavailableException exception)
        {
            return exception.Message;
        }
        catch (InvalidDataException exception)
        {
            Halt($"the journal holds events that this build cannot read: {exception.Message}");
            return null;
        }
        catch (Exception exception)
        {
            LogWriterFailed(Sink, _queue, exception);
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }

    /// <summary>The offset up to which the destination says that all is confirmed; null after it stopped the worker, because that makes no sense in this journal.</summary>
    private async Task<long?> ReadConfirmedAsync(ISinkWriter writer)
    {
        if (writer.Confirmed is not { } position || position.Incarnation < _ledger.VoidBelowIncarnation)
            return long.MinValue;
        if (position.Incarnation != _services.Journal.Incarnation)
        {
            Halt($"the destination has confirmed up to incarnation {position.Incarnation}, but the journal is of incarnation {_services.Journal.Incarnation}. " +
                SinkCursors.HowToDecide(Sink));
            return null;
        }
        // A journal from a backup has its old incarnation. Events that it gives the same offsets once more must not be taken for written ones.
        var end = await _services.Journal.GetEndAsync(_queue, _abort.Token);
        if (position.Offset > end.Position.Offset)
        {
            Halt($"the destination has confirmed up to offset {position.Offset}, but the journal ends at {end.Position.Offset}: " +
                $"it came back shorter. {SinkCursors.HowToDecide(Sink)}");
            return null;
        }
        return position.Offset;
    }

    private async Task PauseAsync(string reason)
    {
        var delay = _retry.Next();
        if (_condition.State != SinkState.Paused)
            LogPaused(Sink, _queue, reason, _inbox.UnconfirmedBytes, delay);
        _condition = new SinkCondition(SinkState.Paused, reason);
        _services.Metrics.CountRetry(Sink);
        await Task.WhenAny(_stopping.Task, Task.Delay(delay, _services.Time, _abort.Token));
    }

    private void Resume()
    {
        _retry.Reset();
        if (_condition.State != SinkState.Paused)
            return;
        _condition = SinkCondition.Running;
        LogResumed(Sink, _queue);
    }

    private void Halt(string reason)
    {
        _condition = new SinkCondition(SinkState.Stopped, reason);
        LogHalted(Sink, _queue, reason);
    }

    [LoggerMessage(EventIds.SinkPaused, LogLevel.Warning, "Sink {Sink} pauses in queue {Queue}: {Reason}; {WaitingBytes} bytes wait in memory, next try in {RetryDelay}")]
    private partial void LogPaused(string sink, int queue, string reason, long waitingBytes, TimeSpan retryDelay);

    [LoggerMessage(EventIds.SinkResumed, LogLevel.Information, "Sink {Sink} writes again in queue {Queue}")]
    private partial void LogResumed(string sink, int queue);

    [LoggerMessage(EventIds.SinkHalted, LogLevel.Error, "Sink {Sink} is stopped in queue {Queue}: {Reason}")]
    private partial void LogHalted(string sink, int queue, string reason);

    [LoggerMessage(EventIds.SinkWriterFailed, LogLevel.Error, "The writer of sink {Sink} in queue {Queue} failed; it is opened again")]
    private partial void LogWriterFailed(string sink, int queue, Exception exception);
}
