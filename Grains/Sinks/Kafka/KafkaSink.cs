using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// A Kafka topic, at least once: one producer for all queues, idempotent, which tries for as long as the broker is away. A crash may repeat what was written
/// and not yet noted in the progress.
/// </summary>
internal sealed partial class KafkaSink : ISink
{
    private readonly KafkaSinkOptions _options;
    private readonly KafkaProducerSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private KafkaProducer? _producer;

    public KafkaSink(KafkaSinkOptions options, KafkaOptions kafka, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _settings = KafkaProducerSettings.From(kafka.Producer, options.Delivery);
        foreach (var warning in _settings.Warnings)
            LogSetting(options.Name, warning);
    }

    public string Name => _options.Name;

    public ValueTask<ISinkWriter> OpenAsync(int queue, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_producer is null or { Fatal: not null })
            {
                _producer?.Dispose();
                _producer = Build();
            }
            return ValueTask.FromResult<ISinkWriter>(new KafkaSinkWriter(_producer, _options, _time));
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _producer?.Dispose();
            _producer = null;
        }
        return ValueTask.CompletedTask;
    }

    private KafkaProducer Build()
    {
        try
        {
            return new KafkaProducer(_settings, (name, text) => LogClient(Name, name, text));
        }
        catch (Exception exception) when (exception is KafkaException or InvalidOperationException or ArgumentException)
        {
            throw new SinkUnavailableException($"the producer cannot be made: {exception.Message}", exception);
        }
    }

    [LoggerMessage(EventIds.KafkaSetting, LogLevel.Warning, "Sink {Sink}: {Warning}")]
    private partial void LogSetting(string sink, string warning);

    [LoggerMessage(EventIds.KafkaClient, LogLevel.Warning, "Sink {Sink}: {Client}: {Message}")]
    private partial void LogClient(string sink, string client, string message);
}

/// <summary>One queue's way to the topic, through the producer that all queues share.</summary>
internal sealed class KafkaSinkWriter(KafkaProducer producer, KafkaSinkOptions options, TimeProvider time) : ISinkWriter
{
    /// <summary>How often a full client is asked again; it sends thousands of records in that time.</summary>
    private static readonly TimeSpan RoomPause = TimeSpan.FromMilliseconds(5);

    private Task<WriteReceipt> _last = Task.FromResult(WriteReceipt.AllWritten);

    public JournalPosition? Confirmed => null;

    public async ValueTask<Task<WriteReceipt>> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var delivery = new BatchDelivery(batch.Records.Count);
        var next = 0;
        string? trouble = null;
        try
        {
            while (next < batch.Records.Count && trouble is null)
            {
                var error = producer.TryProduce(options.Topic, KafkaMessages.MessageOf(batch, batch.Records[next], options.Mode), delivery, next);
                if (error.Code == ErrorCode.Local_QueueFull)
                {
                    await Task.Delay(RoomPause, time, cancellationToken);
                    continue;
                }
                if (!error.IsError)
                    next++;
                else if (KafkaErrors.StatusOf(error) == WriteStatus.Refused)
                    delivery.Report(next++, error);
                else
                    trouble = error.Reason;
            }
        }
        finally
        {
            delivery.HandOverEnded(batch.Records.Count - next, trouble ?? (next < batch.Records.Count ? "the hand-over was cut short" : null));
        }
        return _last = BehindAsync(_last, delivery.Outcome);
    }

    /// <summary>Nothing waits here: the client sends by itself.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A batch behind one that is to be tried later is tried later too, or it would overtake.</summary>
    private static async Task<WriteReceipt> BehindAsync(Task<WriteReceipt> before, Task<WriteReceipt> own)
    {
        var earlier = await before;
        var receipt = await own;
        return earlier.Status == WriteStatus.TryLater ? WriteReceipt.TryLater(earlier.Reason) : receipt;
    }
}
