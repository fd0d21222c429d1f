using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// A Kafka topic, exactly once: one transactional producer per queue, whose transactions carry the records together with the queue's progress. A new producer
/// of a queue fences the older one first, so two can never both write.
/// </summary>
internal sealed partial class KafkaTransactionSink : ISink
{
    /// <summary>What is added to the name of the sink's topic for the topic of its progress.</summary>
    public const string ProgressSuffix = "-divolte-progress";

    private readonly KafkaSinkOptions _options;
    private readonly KafkaProducerSettings _settings;
    private readonly KafkaProgress _progress;
    private readonly string _cluster;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, RefusedByBroker> _refused = [];
    private bool _isPrepared;
    private int? _batchBytesMax;

    /// <param name="options">The sink's settings.</param>
    /// <param name="kafka">The producer's properties.</param>
    /// <param name="parameters">Of the journal: the number of its queues, and its format.</param>
    /// <param name="cluster">Name of this journal, the same for its whole life and no other journal's: part of every transactional id.</param>
    /// <param name="logger">The logger.</param>
    public KafkaTransactionSink(KafkaSinkOptions options, KafkaOptions kafka, JournalParameters parameters, string cluster, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _cluster = cluster;
        _settings = KafkaProducerSettings.From(kafka.Producer, KafkaDelivery.ExactlyOnce);
        _progress = new KafkaProgress(options.Topic + ProgressSuffix, cluster, options.Name, parameters.Queues, parameters.Format);
    }

    public string Name => _options.Name;

    public async ValueTask<ISinkWriter> OpenAsync(int queue, CancellationToken cancellationToken)
    {
        RefusedByBroker refused;
        int? batchBytesMax;
        lock (_lock)
        {
            batchBytesMax = _batchBytesMax;
            if (!_refused.TryGetValue(queue, out refused!))
                _refused.Add(queue, refused = new RefusedByBroker());
        }
        var writer = new KafkaTransactionWriter(_options, queue, _progress, refused, Narrow, partitions => LogEnded(Name, queue, string.Join(", ", partitions)),
            $"{_options.Name} transactions {queue}");
        try
        {
            await writer.StartAsync(() => new TransactionProducer(_settings, (name, text) => LogClient(Name, name, text), $"divolte-{_cluster}-{Name}-{queue}", batchBytesMax), Prepare, _settings.Properties);
            return writer;
        }
        catch (Exception exception) when (exception is KafkaException or InvalidOperationException or ArgumentException or SinkUnavailableException)
        {
            await writer.DisposeAsync();
            throw exception as SinkUnavailableException ?? new SinkUnavailableException(exception.Message, exception);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A batch of a producer was too large for the topic: the next producers send smaller ones. Blocks.</summary>
    private void Narrow(TransactionProducer producer)
    {
        var next = TopicLimits.NextAsync(() => new DependentAdminClientBuilder(producer.Handle).Build(), _options.Topic, producer.BatchBytesMax).GetAwaiter().GetResult();
        lock (_lock)
            _batchBytesMax = Math.Min(next, _batchBytesMax ?? int.MaxValue);
        LogSmallerBatches(Name, _options.Topic, next);
    }

    private void Prepare(Handle handle)
    {
        lock (_lock)
        {
            if (_isPrepared)
                return;
            _progress.Prepare(handle);
            _isPrepared = true;
        }
    }

    [LoggerMessage(EventIds.KafkaTransactionSmallerBatches, LogLevel.Warning,
        "Sink {Sink}: a batch was larger than topic {Topic} takes; from now on they have {BytesMax} bytes at most")]
    private partial void LogSmallerBatches(string sink, string topic, int bytesMax);

    [LoggerMessage(EventIds.KafkaTransactionLeftOpen, LogLevel.Warning,
        "Sink {Sink}: a transaction was open that the broker takes for ended, in {Partitions}; what queue {Queue} had open there is aborted, and written again")]
    private partial void LogEnded(string sink, int queue, string partitions);

    [LoggerMessage(EventIds.KafkaTransactionClient, LogLevel.Warning, "Sink {Sink}: {Client}: {Message}")]
    private partial void LogClient(string sink, string client, string message);
}
