using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>Makes the Kafka sink that a sink's delivery asks for. Needs no reachable broker.</summary>
internal static class KafkaSinks
{
    /// <inheritdoc cref="KafkaTransactionSink(KafkaSinkOptions, KafkaOptions, JournalParameters, string, ILogger)"/>
    public static ISink Create(KafkaSinkOptions options, KafkaOptions kafka, JournalParameters parameters, string cluster, TimeProvider time, ILoggerFactory loggers) =>
        options.Delivery == KafkaDelivery.ExactlyOnce
            ? new KafkaTransactionSink(options, kafka, parameters, cluster, loggers.CreateLogger<KafkaTransactionSink>())
            : new KafkaSink(options, kafka, time, loggers.CreateLogger<KafkaSink>());

    /// <summary>Which properties of the user's producer have no effect, or another one than in Java: once, however many sinks share them.</summary>
    public static IReadOnlyList<string> PropertyWarnings(DivolteConfiguration configuration) =>
    [
        .. SinkCatalog.ActiveOf(configuration).OfType<KafkaSinkOptions>()
            .SelectMany(sink => KafkaProducerSettings.From(configuration.Global.Kafka.Producer, sink.Delivery).Warnings)
            .Distinct()
            .Select(warning => $"divolte.global.kafka.producer: {warning}"),
    ];
}
