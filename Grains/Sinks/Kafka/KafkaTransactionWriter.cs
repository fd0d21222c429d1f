using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// One queue's transactions, on a thread of its own because the client's calls block. A transaction takes whatever waits when it begins: one batch at low load,
/// many at high load. It is confirmed when its end is in the log, not when the broker has agreed: see <see cref="LeftOpen"/>. After any trouble the writer is of no
/// further use: everything unconfirmed is to be tried later, through a new one.
/// </summary>
internal sealed class KafkaTransactionWriter(KafkaSinkOptions options, int queue, KafkaProgress progress, RefusedByBroker refused, Action<TransactionProducer> narrow,
    Action<IReadOnlyList<TopicPartition>> ended, string threadName) : ISinkWriter
{
    /// <summary>Records of one transaction, at most, but for a single batch that is larger.</summary>
    private const int RecordsMax = 10_000;

    /// <summary>Batches that wait for their transaction, at most; then the caller waits.</summary>
    private const int WaitingMax = 64;

    private static readonly TimeSpan InitMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CommitMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AbortMax = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<Work> _waiting = new();
    private readonly SemaphoreSlim _room = new(WaitingMax);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TransactionProducer? _producer;
    private KafkaOffsets? _offsets;
    private string? _trouble;
    private bool _isClosing;

    public JournalPosition? Confirmed { get; private set; }

    /// <summary>Makes the producer, fences older ones, and reads the progress.</summary>
    /// <exception cref="KafkaException">The broker is away or refuses.</exception>
    public Task StartAsync(Func<TransactionProducer> build, Action<Handle> prepare, IReadOnlyDictionary<string, string> properties)
    {
        var thread = new Thread(() => Run(build, prepare, properties)) { Name = threadName, IsBackground = true };
        thread.Start();
        return _started.Task;
    }

    public async ValueTask<Task<WriteReceipt>> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        // Copied here, so that the caller may let go of the batch as soon as this returns.
        var messages = new Message<byte[], byte[]>[batch.Records.Count];
        for (var index = 0; index < messages.Length; index++)
            messages[index] = KafkaMessages.MessageOf(batch, batch.Records[index], options.Mode);
        var work = new Work(messages, batch.Position, new TaskCompletionSource<WriteReceipt>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_trouble is null && !_isClosing)
            {
                _waiting.Enqueue(work);
                _wake.Release();
                return work.Outcome.Task;
            }
        }
        _room.Release();
        return Task.FromResult(WriteReceipt.TryLater(_trouble ?? "the writer is closed"));
    }

    /// <summary>Nothing to do: a transaction begins as soon as something waits.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Commits what waits, then closes the producer.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
            _isClosing = true;
        _wake.Release();
        await _ended.Task;
    }

    private void Run(Func<TransactionProducer> build, Action<Handle> prepare, IReadOnlyDictionary<string, string> properties)
    {
        try
        {
            Start(build, prepare, properties);
            _started.SetResult();
            while (TakeWork() is { } works)
            {
                if (works.Count > 0)
                    Transact(works);
                if (_trouble is not null)
                    break;
            }
        }
        catch (Exception exception) // the start's trouble goes to whoever opens the writer; later trouble is in the outcomes
        {
            _started.TrySetException(exception);
            Fail(exception.Message, []);
        }
        finally
        {
            _offsets?.Dispose();
            _producer?.Dispose();
            _ended.SetResult();
        }
    }

    private void Start(Func<TransactionProducer> build, Action<Handle> prepare, IReadOnlyDictionary<string, string> properties)
    {
        _producer = build();
        // Ends the transactions of any older producer of this queue, before the progress is read: what it committed is then seen, the rest is gone.
        _producer.Client.InitTransactions(InitMax);
        prepare(_producer.Handle);
        _offsets = new KafkaOffsets(_producer.Handle);
        if (LeftOpen.End(_producer.Client, _offsets, progress, options.Topic, queue, properties) is { Count: > 0 } partitions)
            ended(partitions);
        Confirmed = progress.Read(_offsets, properties, queue);
    }

    private List<Work>? TakeWork()
    {
        _wake.Wait();
        var works = new List<Work>();
        var records = 0;
        lock (_lock)
        {
            while (_waiting.TryPeek(out var work) && (works.Count == 0 || records + work.Messages.Length <= RecordsMax))
            {
                records += work.Messages.Length;
                works.Add(_waiting.Dequeue());
            }
            if (works.Count == 0 && _isClosing)
                return null;
            if (_waiting.Count > 0 || _isClosing)
                _wake.Release();
        }
        if (works.Count > 0)
            _room.Release(works.Count);
        return works;
    }

    private void Transact(List<Work> works)
    {
        var producer = _producer!;
        var batches = works.ConvertAll(work => (Work: work, Delivery: producer.Begin(work.Messages.Length)));
        try
        {
            producer.Client.BeginTransaction();
            var end = progress.Write(producer, queue, works[^1].Position);
            foreach (var (work, delivery) in batches)
                HandOver(producer, work, delivery);
            producer.Hurry();
            Commit(producer);
            AwaitEnd(end);
            refused.Clear();
            foreach (var (work, delivery) in batches)
                work.Outcome.TrySetResult(Settled(delivery));
        }
        catch (Exception exception) when (exception is KafkaException or SinkUnavailableException or InvalidOperationException)
        {
            Abort(producer);
            foreach (var (work, delivery) in batches)
                Remember(work, delivery);
            if (producer.IsBatchTooLarge)
                narrow(producer);
            Fail(exception.Message, works);
        }
    }

    private void HandOver(TransactionProducer producer, Work work, BatchDelivery delivery)
    {
        for (var index = 0; index < work.Messages.Length; index++)
        {
            if (refused.ReasonOf(work.Position.Offset, index) is { } reason)
                delivery.Report(index, new Error(ErrorCode.InvalidRecord, reason));
            else
                HandOver(producer, options.Topic, work.Messages[index], delivery, index);
        }
        delivery.HandOverEnded(0, null);
    }

    private static void HandOver(TransactionProducer producer, string topic, Message<byte[], byte[]> message, BatchDelivery delivery, int index)
    {
        while (true)
        {
            var error = producer.TryProduce(topic, message, delivery, index);
            if (!error.IsError)
                return;
            if (error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Client.Flush(TimeSpan.FromMilliseconds(50)); // this thread is the one to wait
                continue;
            }
            if (KafkaErrors.StatusOf(error) != WriteStatus.Refused)
                throw new KafkaException(error);
            delivery.Report(index, error);
            return;
        }
    }

    /// <summary>The client sends what it still holds, then commits; what may be asked again is asked again within the bound.</summary>
    private static void Commit(TransactionProducer producer)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                producer.Client.CommitTransaction(CommitMax);
                return;
            }
            catch (KafkaRetriableException) when (attempt < 5)
            {
                // A repeated commit goes on where the last one stood.
            }
        }
    }

    /// <summary>
    /// Waits for the end of a committed transaction in the log. What a broker has agreed to commit may still end up open after a crash, and is then aborted and
    /// written again, so nobody may count on it before.
    /// </summary>
    private void AwaitEnd(long end)
    {
        var partition = progress.PartitionOf(queue);
        if (_offsets!.AwaitCommitted(new Dictionary<TopicPartition, long> { [partition] = end }, CommitMax).Count > 0)
            throw new SinkUnavailableException($"a committed transaction, or one before it, has stayed open in {partition} for {CommitMax.TotalSeconds:0} s");
    }

    private static void Abort(TransactionProducer producer)
    {
        try
        {
            producer.Client.AbortTransaction(AbortMax);
        }
        catch (Exception exception) when (exception is KafkaException or InvalidOperationException)
        {
            // Fenced, fatal or away: the next producer of this queue ends the transaction, or the broker does.
        }
    }

    /// <summary>Keeps what the broker refused for the next try, which would fail for the same records again.</summary>
    private void Remember(Work work, BatchDelivery delivery)
    {
        foreach (var record in delivery.RefusedSoFar)
            refused.Add(work.Position.Offset, record.Index, record.Reason);
    }

    private static WriteReceipt Settled(BatchDelivery delivery) =>
        // After a commit every report is in: the client would not commit otherwise.
        new(WriteStatus.Written, "", delivery.RefusedSoFar);

    private void Fail(string reason, List<Work> works)
    {
        lock (_lock)
        {
            _trouble = reason;
            works = [.. works, .. _waiting];
            _waiting.Clear();
        }
        foreach (var work in works)
            work.Outcome.TrySetResult(WriteReceipt.TryLater(reason));
        _room.Release(WaitingMax); // whoever waits for room learns of the trouble
    }

    private sealed record Work(Message<byte[], byte[]>[] Messages, JournalPosition Position, TaskCompletionSource<WriteReceipt> Outcome);
}
