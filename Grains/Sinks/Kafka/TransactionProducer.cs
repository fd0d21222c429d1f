using System.Collections.Concurrent;
using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>The client's producer of transactions with reports by batch. Every batch that was begun gets its outcome, at the latest when the producer is closed. Thread-safe.</summary>
internal sealed class TransactionProducer : IDisposable
{
    private const string Closed = "the producer is closed";
    private static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReportsMax = TimeSpan.FromSeconds(1);
    private static readonly Error NoError = new(ErrorCode.NoError);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly ConcurrentDictionary<BatchDelivery, bool> _underWay = new();
    private volatile string? _fatal;
    private volatile bool _isBatchTooLarge;
    private volatile bool _isClosing;
    private int _calls;

    /// <param name="settings">What the client is given.</param>
    /// <param name="log">Takes the client's own warnings: name of the client, text.</param>
    /// <param name="transactionalId">Its id.</param>
    /// <param name="batchBytesMax">See <see cref="BatchBytesMax"/>.</param>
    /// <exception cref="KafkaException">The properties are refused by the client.</exception>
    public TransactionProducer(KafkaProducerSettings settings, Action<string, string> log, string transactionalId, int? batchBytesMax = null)
    {
        BatchBytesMax = batchBytesMax;
        _producer = new ProducerBuilder<byte[], byte[]>(PropertiesOf(settings, transactionalId, batchBytesMax))
            .SetErrorHandler((client, error) =>
            {
                if (error.IsFatal)
                    _fatal = error.Reason;
                log(client.Name, error.Reason);
            })
            .SetLogHandler((_, message) =>
            {
                if (message.Level <= SyslogLevel.Error)
                    log(message.Name, message.Message);
            })
            .Build();
    }

    /// <summary>Bytes up to which records share a batch, because a larger one was too large for the topic; null while none was.</summary>
    public int? BatchBytesMax { get; }

    /// <summary>Whether a batch was too large for the topic, so that another producer with a lower <see cref="BatchBytesMax"/> is needed.</summary>
    public bool IsBatchTooLarge => _isBatchTooLarge;

    public IProducer<byte[], byte[]> Client => _producer;

    public Handle Handle => _producer.Handle;

    /// <summary>Begins a batch of so many records.</summary>
    public BatchDelivery Begin(int records)
    {
        var delivery = new BatchDelivery(records, ended => _underWay.TryRemove(ended, out _));
        _underWay.TryAdd(delivery, true);
        if (_isClosing)
            delivery.Abandon(Closed);
        return delivery;
    }

    /// <summary>Hands one message over; its report goes to the batch. What goes wrong at once is returned and reported to nobody.</summary>
    public Error TryProduce(string topic, Message<byte[], byte[]> message, BatchDelivery delivery, int index)
    {
        // A call into a client that is gone ends the process, and the client itself does not watch for it.
        Interlocked.Increment(ref _calls);
        try
        {
            if (_isClosing)
                return new Error(ErrorCode.Local_Destroy, Closed);
            // The size is kept, not the message: it would live until its report.
            var bytes = message.Key.Length + message.Value.Length;
            _producer.Produce(topic, message, report => Report(delivery, index, bytes, report.Error));
            return NoError;
        }
        catch (ProduceException<byte[], byte[]> exception)
        {
            return exception.Error;
        }
        catch (KafkaException exception)
        {
            return exception.Error;
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    /// <summary>
    /// Sends what was handed over without waiting for company, and waits about a second for the reports. Within one call the client looks every ten milliseconds,
    /// and does not see that a partition has joined the transaction meanwhile; each call makes it look.
    /// </summary>
    public void Hurry()
    {
        for (var milliseconds = 1; milliseconds < 1000 && _producer.Flush(TimeSpan.FromMilliseconds(milliseconds)) > 0;)
            milliseconds *= 2;
    }

    /// <summary>Gives what was handed over a moment to arrive, then closes. Blocks for some seconds when the broker is away.</summary>
    public void Dispose()
    {
        if (_isClosing)
            return;
        _isClosing = true;
        Interlocked.MemoryBarrier(); // whoever enters from here on sees it, and whoever entered before is counted
        SpinWait.SpinUntil(() => Volatile.Read(ref _calls) == 0);
        try
        {
            // After a fatal error the client fails what it holds; those reports are all that is waited for.
            _producer.Flush(_fatal is null ? FlushMax : ReportsMax);
        }
        catch (KafkaException)
        {
            // Whatever did not arrive has no confirmation, so it is written again.
        }
        _producer.Dispose();
        foreach (var delivery in _underWay.Keys)
            delivery.Abandon("the producer was closed before the broker had confirmed");
    }

    private void Report(BatchDelivery delivery, int index, int bytes, Error error)
    {
        // A record that is larger than the limit travels alone, so the broker means it and no other.
        var isOfTheBatch = KafkaErrors.IsAboutTheBatch(error.Code) && !(bytes > BatchBytesMax);
        if (isOfTheBatch)
            _isBatchTooLarge = true;
        delivery.Report(index, isOfTheBatch ? WriteStatus.TryLater : KafkaErrors.StatusOf(error), error.Reason);
    }

    private static Dictionary<string, string> PropertiesOf(KafkaProducerSettings settings, string transactionalId, int? batchBytesMax) => new(settings.With(batchBytesMax))
    {
        // Only the status of a record is needed; copying key and value back would cost as much as sending them.
        ["dotnet.producer.delivery.report.fields"] = "status",
        ["transactional.id"] = transactionalId,
    };
}
