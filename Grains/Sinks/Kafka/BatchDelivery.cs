using Confluent.Kafka;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>Counts the delivery reports of one batch, and ends with its outcome. Reports come on the client's thread.</summary>
internal sealed class BatchDelivery(int records)
{
    private readonly TaskCompletionSource<WriteReceipt> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private List<RefusedRecord>? _refused;
    private string? _tryLater;
    private int _missing = records + 1; // one more, until all are handed over

    public Task<WriteReceipt> Outcome => _outcome.Task;

    /// <summary>Records that were refused, by index.</summary>
    public IReadOnlyList<RefusedRecord> RefusedSoFar
    {
        get
        {
            lock (_lock)
                return _refused is null ? [] : [.. _refused.OrderBy(refused => refused.Index)];
        }
    }

    /// <summary>The report of one record.</summary>
    public void Report(int index, Error error)
    {
        switch (KafkaErrors.StatusOf(error))
        {
            case WriteStatus.Written:
                break;
            case WriteStatus.TryLater:
                lock (_lock)
                    _tryLater ??= error.Reason;
                break;
            case WriteStatus.Refused:
                lock (_lock)
                    (_refused ??= []).Add(new RefusedRecord(index, error.Reason));
                break;
            default:
                throw new InvalidOperationException("A status that nobody handles.");
        }
        CountDown();
    }

    /// <summary>Nothing more is handed over: so many records were not, for this reason.</summary>
    public void HandOverEnded(int notHandedOver, string? reason)
    {
        if (reason is not null)
        {
            lock (_lock)
                _tryLater ??= reason;
        }
        for (; notHandedOver > 0; notHandedOver--)
            CountDown();
        CountDown();
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _missing) > 0)
            return;
        lock (_lock)
        {
            _outcome.TrySetResult(
                _tryLater is { } reason ? WriteReceipt.TryLater(reason)
                : _refused is null ? WriteReceipt.AllWritten
                : new WriteReceipt(WriteStatus.Written, "", RefusedSoFar));
        }
    }
}
