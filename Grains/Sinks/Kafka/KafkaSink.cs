using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;

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
    private readonly SemaphoreSlim _opening = new(1, 1);
    private TopicProducer? _producer;
    private int? _batchBytesMax;

    public KafkaSink(KafkaSinkOptions options, KafkaOptions kafka, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _settings = KafkaProducerSettings.From(kafka.Producer, options.Delivery);
    }

    public string Name => _options.Name;

    /// <summary>Records that the client holds and the broker has not confirmed.</summary>
    public long Queued => _producer?.Queued ?? 0;

    public async ValueTask<ISinkWriter> OpenAsync(int queue, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_producer is { } spent && (spent.Fatal is not null || spent.IsBatchTooLarge))
            {
                if (spent.IsBatchTooLarge)
                {
                    _batchBytesMax = await TopicLimits.NextAsync(() => new AdminClientBuilder(_settings.Properties).Build(), _options.Topic, spent.BatchBytesMax);
                    LogSmallerBatches(Name, _options.Topic, _batchBytesMax.Value);
                }
                // Closed before the next one begins, so that nothing of the old one arrives behind what is written again.
                _producer = null;
                await spent.DisposeAsync();
            }
            return new KafkaSinkWriter(_producer ??= Build(), _options, _time);
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync();
        try
        {
            if (_producer is { } producer)
                await producer.DisposeAsync();
            _producer = null;
        }
        finally
        {
            _opening.Release();
        }
    }

    private TopicProducer Build()
    {
        try
        {
            return new TopicProducer(_options.Topic, _settings, (name, text) => LogClient(Name, name, text), _batchBytesMax);
        }
        catch (Exception exception) when (exception is KafkaException or InvalidOperationException or ArgumentException)
        {
            throw new SinkUnavailableException($"the producer cannot be made: {exception.Message}", exception);
        }
    }

    [LoggerMessage(EventIds.KafkaSmallerBatches, LogLevel.Warning, "Sink {Sink}: a batch was larger than topic {Topic} takes; from now on they have {BytesMax} bytes at most")]
    private partial void LogSmallerBatches(string sink, string topic, int bytesMax);

    [LoggerMessage(EventIds.KafkaClient, LogLevel.Warning, "Sink {Sink}: {Client}: {Message}")]
    private partial void LogClient(string sink, string client, string message);
}
