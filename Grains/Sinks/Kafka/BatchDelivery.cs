using Confluent.Kafka;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>Counts the delivery reports of one batch, and ends with its outcome. Reports come on the client's thread.</summary>
/// <param name="records">Records of the batch.</param>
/// <param name="ended">Called once, when the outcome is known; null for nobody.</param>
internal sealed class BatchDelivery(int records, Action<BatchDelivery>? ended = null)
{
    private readonly TaskCompletionSource<WriteReceipt> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private List<RefusedRecord>? _refused;
    private string? _tryLater;
    private int _missing = records + 1; // one more, until all are handed over
    private volatile bool _isHandedOver;

    /// <summary>What a producer knows it by.</summary>
    public uint Number { get; init; }

    public Task<WriteReceipt> Outcome => _outcome.Task;

    /// <summary>Records whose report is still to come, or that are still to be handed over.</summary>
    public int Missing => Math.Max(0, Volatile.Read(ref _missing) - (_isHandedOver ? 0 : 1));

    /// <summary>Records that were refused, by index.</summary>
    public IReadOnlyList<RefusedRecord> RefusedSoFar
    {
        get
        {
            lock (_lock)
                return _refused is null ? [] : [.. _refused.OrderBy(refused => refused.Index)];
        }
    }

    /// <summary>One record is written.</summary>
    public void ReportWritten() => CountDown();

    /// <summary>The report of one record.</summary>
    public void Report(int index, Error error) => Report(index, KafkaErrors.StatusOf(error), error.Reason);

    /// <inheritdoc cref="Report(int, Error)"/>
    public void Report(int index, WriteStatus status, string reason)
    {
        switch (status)
        {
            case WriteStatus.Written:
                break;
            case WriteStatus.TryLater:
                lock (_lock)
                    _tryLater ??= reason;
                break;
            case WriteStatus.Refused:
                lock (_lock)
                    (_refused ??= []).Add(new RefusedRecord(index, reason));
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
        _isHandedOver = true;
        CountDown();
    }

    /// <summary>No further report will come: what has no outcome yet is to be tried later.</summary>
    public void Abandon(string reason) => End(WriteReceipt.TryLater(reason));

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _missing) > 0)
            return;
        WriteReceipt receipt;
        lock (_lock)
        {
            receipt = _tryLater is { } reason ? WriteReceipt.TryLater(reason)
                : _refused is null ? WriteReceipt.AllWritten
                : new WriteReceipt(WriteStatus.Written, "", RefusedSoFar);
        }
        End(receipt);
    }

    private void End(WriteReceipt receipt)
    {
        if (_outcome.TrySetResult(receipt))
            ended?.Invoke(this);
    }
}
