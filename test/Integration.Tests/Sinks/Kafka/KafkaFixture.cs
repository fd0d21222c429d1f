using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>One broker for the tests of a class that leave it running.</summary>
public sealed class KafkaFixture : IAsyncLifetime
{
    private KafkaBroker? _broker;

    /// <summary>The broker; skips the running test where there is none.</summary>
    internal async Task<KafkaBroker> BrokerAsync() => _broker ??= await KafkaBroker.StartOrSkipAsync(TestContext.Current.CancellationToken);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _broker?.Dispose();
        return ValueTask.CompletedTask;
    }
}
