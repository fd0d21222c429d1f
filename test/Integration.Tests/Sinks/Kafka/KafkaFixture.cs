using Divolte.Integration.Tests.Sinks.Kafka;
using Divolte.TestKit.Processes;
using Xunit;

[assembly: AssemblyFixture(typeof(KafkaFixture))]

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>One broker for all tests that leave it running: each has topics of its own, and a start costs as much as many tests.</summary>
public sealed class KafkaFixture : IAsyncLifetime
{
    private readonly Lock _lock = new();
    private Task<KafkaBroker>? _broker;

    /// <summary>The broker, started for the first test that asks; skips the running test where there is none.</summary>
    internal Task<KafkaBroker> BrokerAsync()
    {
        lock (_lock)
            return _broker ??= KafkaBroker.StartOrSkipAsync(CancellationToken.None); // no test's own token: the others need it too
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_broker is { IsCompletedSuccessfully: true })
            (await _broker).Dispose();
    }
}
