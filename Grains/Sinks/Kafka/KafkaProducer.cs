using Confluent.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>The client's producer with reports by batch. Thread-safe.</summary>
internal sealed class KafkaProducer : IDisposable
{
    private static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReportsMax = TimeSpan.FromSeconds(1);
    private static readonly Error NoError = new(ErrorCode.NoError);

    private readonly IProducer<byte[], byte[]> _producer;

    /// <param name="settings">What the client is given.</param>
    /// <param name="log">Takes the client's own warnings: name of the client, text.</param>
    /// <param name="transactionalId">The id of a transactional producer; null for others.</param>
    /// <exception cref="KafkaException">The properties are refused by the client.</exception>
    public KafkaProducer(KafkaProducerSettings settings, Action<string, string> log, string? transactionalId = null)
    {
        var properties = new Dictionary<string, string>(settings.Properties);
        if (transactionalId is not null)
            properties["transactional.id"] = transactionalId;
        // Only the status of a record is needed; copying key and value back would cost as much as sending them.
        properties["dotnet.producer.delivery.report.fields"] = "status";
        _producer = new ProducerBuilder<byte[], byte[]>(properties)
            .SetErrorHandler((client, error) =>
            {
                if (error.IsFatal)
                    Fatal = error.Reason;
                log(client.Name, error.Reason);
            })
            .SetLogHandler((client, message) =>
            {
                if (message.Level <= SyslogLevel.Error)
                    log(message.Name, message.Message);
            })
            .Build();
    }

    /// <summary>Why this producer will never send again; null while it may.</summary>
    public string? Fatal { get; private set; }

    public IProducer<byte[], byte[]> Client => _producer;

    public Handle Handle => _producer.Handle;

    /// <summary>Hands one message over; its report goes to the batch. What goes wrong at once is returned and reported to nobody.</summary>
    public Error TryProduce(string topic, Message<byte[], byte[]> message, BatchDelivery delivery, int index) =>
        TryProduce(topic, partition: null, message, delivery, index);

    /// <inheritdoc cref="TryProduce(string, Message{byte[], byte[]}, BatchDelivery, int)"/>
    /// <remarks>With a partition, the key does not choose.</remarks>
    public Error TryProduce(string topic, int? partition, Message<byte[], byte[]> message, BatchDelivery delivery, int index)
    {
        try
        {
            void Report(DeliveryReport<byte[], byte[]> report) => delivery.Report(index, report.Error);
            if (partition is { } number)
                _producer.Produce(new TopicPartition(topic, number), message, Report);
            else
                _producer.Produce(topic, message, Report);
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
        catch (ObjectDisposedException)
        {
            return new Error(ErrorCode.Local_Destroy, "the producer is closed");
        }
    }

    /// <summary>Gives what was handed over a moment to arrive, then closes.</summary>
    public void Dispose()
    {
        try
        {
            // After a fatal error the client fails what it holds; those reports are all that is waited for.
            _producer.Flush(Fatal is null ? FlushMax : ReportsMax);
        }
        catch (KafkaException)
        {
            // Whatever did not arrive has no confirmation, so it is written again.
        }
        _producer.Dispose();
    }
}
