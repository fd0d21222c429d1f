using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Sinks;
using Divolte.TestKit.Sinks;
using Xunit;

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>The suite of all sinks, at least once.</summary>
[Trait("Needs", "Kafka")]
public sealed class AtLeastOnceCompliance(KafkaFixture kafka) : KafkaCompliance(kafka, KafkaDelivery.AtLeastOnce);

/// <summary>The suite of all sinks, exactly once: writers that "crash" stay behind alive, and must be fenced.</summary>
[Trait("Needs", "Kafka")]
public sealed class ExactlyOnceCompliance(KafkaFixture kafka) : KafkaCompliance(kafka, KafkaDelivery.ExactlyOnce);

/// <summary>What both have in common.</summary>
public abstract class KafkaCompliance(KafkaFixture kafka, KafkaDelivery delivery) : SinkCompliance
{
    private readonly List<(ISink Sink, ISinkWriter Writer)> _crashed = [];
    private ATopic _topic = null!;

    public override async ValueTask InitializeAsync() => _topic = await new ATopic((await kafka.BrokerAsync()).Bootstrap).CreateAsync();

    public override async ValueTask DisposeAsync()
    {
        foreach (var (sink, writer) in _crashed)
        {
            await writer.DisposeAsync();
            await sink.DisposeAsync();
        }
        await base.DisposeAsync();
    }

    internal override ISink CreateSink() => _topic.Sink(delivery);

    internal override Task<IReadOnlyList<string>> ReadIdsAsync() =>
        Task.FromResult<IReadOnlyList<string>>([.. _topic.Read().Select(result => DecodeId(result.Message.Value))]);

    internal override ValueTask CrashAsync(ISink sink, ISinkWriter writer)
    {
        _crashed.Add((sink, writer));
        return ValueTask.CompletedTask;
    }
}
