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
