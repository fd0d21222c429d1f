using System.Text;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;

namespace Divolte.Grains.Tests.Sinks;

/// <summary>A destination in memory that does what a test says: away, slow, refusing, or keeping positions itself.</summary>
internal sealed class ScriptedSink(string name = "sink") : ISink
{
    private readonly Lock _lock = new();
    private readonly List<string> _ids = [];
    private int _uncounted;
    private TaskCompletionSource _changed = NewSignal();

    public string Name => name;

    /// <summary>Why the destination cannot be opened; null when it can.</summary>
    public string? Away { get; set; }

    /// <summary>What to answer to a batch of these ids; null to write it. Asked once per hand-over.</summary>
    public Func<IReadOnlyList<string>, WriteReceipt?> Answer { get; set; } = _ => null;

    /// <summary>Holds outcomes back until a flush, as a file sink does until its sync.</summary>
    public bool ConfirmsAtFlush { get; set; }

    /// <summary>Holds every outcome back; see <see cref="ReleaseOutcomes"/>.</summary>
    public bool HoldsOutcomes { get; set; }

    /// <summary>Whether writers say how far the destination is confirmed.</summary>
    public bool KeepsPositions { get; set; }

    public JournalPosition? Confirmed { get; set; }

    public int Opened { get; private set; }

    public int Disposed { get; private set; }

    public int Batches { get; private set; }

    public int LargestBatch { get; private set; }

    /// <summary>Keeps no ids, only how many there are: for long runs.</summary>
    public bool CountsOnly { get; set; }

    private List<Action> Held { get; } = [];

    /// <summary>Ids in the destination, in order.</summary>
    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (_lock)
                return [.. _ids];
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _ids.Count + _uncounted;
        }
    }

    /// <summary>Waits for something to become true of the sink.</summary>
    public async Task UntilAsync(Func<ScriptedSink, bool> isSo, string what)
    {
        // Longer than the longest pause between two tries of a sink that was down, which is 30 seconds.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (isSo(this))
                return;
            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited for: {what}. Seen: {Count} ids ({string.Join(' ', Ids.TakeLast(10))}), {Batches} batches, opened {Opened} times.");
            }
        }
    }

    public Task UntilHasAsync(int count) => UntilAsync(sink => sink.Count >= count, $"{count} ids");

    public void ReleaseOutcomes()
    {
        List<Action> held;
        lock (_lock)
        {
            HoldsOutcomes = false;
            held = [.. Held];
            Held.Clear();
        }
        held.ForEach(release => release());
    }

    public ValueTask<ISinkWriter> OpenAsync(int queue, CancellationToken cancellationToken)
    {
        lock (_lock)
            Opened++;
        Signal();
        return Away is { } reason ? throw new SinkUnavailableException(reason) : new ValueTask<ISinkWriter>(new Writer(this));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_lock)
            (changed, _changed) = (_changed, NewSignal());
        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Writer(ScriptedSink sink) : ISinkWriter
    {
        private readonly List<Action> _unflushed = [];
        private string? _failure;

        public JournalPosition? Confirmed => sink.KeepsPositions ? sink.Confirmed : null;

        public ValueTask<Task<WriteReceipt>> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
        {
            var ids = sink.CountsOnly ? new List<string>() : batch.Records.Select(record => Encoding.UTF8.GetString(batch.ValueOf(record))).ToList();
            var outcome = new TaskCompletionSource<WriteReceipt>(TaskCreationOptions.RunContinuationsAsynchronously);
            var answer = _failure is null ? sink.Answer(ids) : WriteReceipt.TryLater(_failure);
            if (answer is { Status: WriteStatus.TryLater })
                _failure = answer.Reason; // and so does everything behind it
            var position = batch.Position;
            if (sink.CountsOnly)
                Interlocked.Add(ref sink._uncounted, batch.Records.Count);
            void Finish() => sink.Finish(outcome, answer, ids, position);
            lock (sink._lock)
            {
                sink.Batches++;
                sink.LargestBatch = Math.Max(sink.LargestBatch, ids.Count);
                if (sink.HoldsOutcomes)
                    sink.Held.Add(Finish);
                else if (sink.ConfirmsAtFlush)
                    _unflushed.Add(Finish);
                else
                    Finish();
            }
            sink.Signal();
            return new ValueTask<Task<WriteReceipt>>(outcome.Task);
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            _unflushed.ForEach(finish => finish());
            _unflushed.Clear();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            lock (sink._lock)
                sink.Disposed++;
            sink.Signal();
            return ValueTask.CompletedTask;
        }
    }

    private void Finish(TaskCompletionSource<WriteReceipt> outcome, WriteReceipt? answer, List<string> ids, JournalPosition position)
    {
        lock (_lock)
        {
            if (answer is not { Status: WriteStatus.TryLater })
            {
                var refused = answer?.Refused.Select(record => record.Index).ToHashSet() ?? [];
                _ids.AddRange(ids.Where((_, index) => !refused.Contains(index)));
                Confirmed = position;
            }
        }
        outcome.SetResult(answer ?? WriteReceipt.AllWritten);
        Signal();
    }
}
