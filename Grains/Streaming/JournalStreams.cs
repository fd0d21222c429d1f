using Divolte.Grains.Journal;
using Divolte.Grains.Placement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>Registers one stream provider per sink. <see cref="IJournal"/>, <see cref="ReadQueue"/> and <see cref="TimeProvider"/> come from the host.</summary>
internal static class JournalStreams
{
    /// <summary>Pause after a first registration of a stream; otherwise the pump is always waiting inside a read.</summary>
    private static readonly TimeSpan PumpPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>A stream is never forgotten for want of events: registering again costs a pump period.</summary>
    private static readonly TimeSpan NeverInactive = TimeSpan.FromDays(3650);

    public static ISiloBuilder AddJournalStreams(this ISiloBuilder silo, IEnumerable<string> sinks)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton<JournalWindows>();
        silo.Services.TryAddSingleton<QueueOwners>();
        silo.Services.AddPlacementDirector<QueuePlacement, QueuePlacementDirector>();
        foreach (var sink in sinks)
            silo.AddPersistentStreams(JournalStream.ProviderOf(sink), (services, _) => CreateProvider(services, sink), ConfigureProvider);
        return silo;
    }

    private static JournalStreamProvider CreateProvider(IServiceProvider services, string sink) => new(
        sink,
        services.GetRequiredService<IJournal>(),
        services.GetRequiredService<ReadQueue>(),
        services.GetRequiredService<JournalWindows>(),
        services.GetRequiredService<IGrainFactory>(),
        services.GetRequiredService<ILocalSiloDetails>().SiloAddress,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILoggerFactory>());

    private static void ConfigureProvider(ISiloPersistentStreamConfigurator provider)
    {
        provider.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
        provider.ConfigurePartitionBalancing((services, _) => ActivatorUtilities.CreateInstance<JournalQueueBalancer>(services, services));
        provider.ConfigurePullingAgent(agent => agent.Configure(options =>
        {
            options.GetQueueMsgsTimerPeriod = PumpPeriod;
            options.BatchContainerBatchSize = 1; // one read is one delivery
            options.StreamInactivityPeriod = NeverInactive;

            // After this time the agent would skip on to the next batch.
            options.MaxEventDeliveryTime = Timeout.InfiniteTimeSpan;
        }));
    }
}
