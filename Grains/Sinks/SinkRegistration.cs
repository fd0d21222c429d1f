using Divolte.Grains.Mapping;
using Divolte.Grains.Sinks.Backlog;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Spill;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;

namespace Divolte.Grains.Sinks;

/// <summary>
/// Registers everything between journal and destination. The host brings <c>DivolteConfiguration</c>, <see cref="MappingCatalog"/>, <see cref="OpenSink"/>,
/// and a <see cref="BacklogGuard"/> around its journal, also as <c>IJournal</c>; before it listens, it calls <see cref="SinkCursors.InitializeAsync"/>.
/// </summary>
internal static class SinkRegistration
{
    public static ISiloBuilder AddSinks(this ISiloBuilder silo, IEnumerable<string> activeSinks)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton<GridMetrics>();
        silo.Services.AddSingleton<SinkCatalog>();
        silo.Services.AddSingleton<SinkCursors>();
        silo.Services.AddSingleton<SinkSpills>();
        silo.Services.AddSingleton<SinkSpiller>();
        silo.Services.AddSingleton<ReadQueue>(services => services.GetRequiredService<SinkSpills>().ReadAsync);
        silo.Services.AddSingleton<SinkWorkers>();
        silo.Services.AddSingleton<SinkDrain>();
        silo.Services.AddSingleton<BacklogMonitor>();
        silo.Services.AddHostedService<SinkUpkeep>();
        silo.Services.TryAddSingleton<MappingsOfSink>(services =>
            sink => [.. services.GetRequiredService<MappingCatalog>().ForSink(sink).Select(mapper => SinkMapping.Of(sink, mapper))]);
        return silo.AddJournalStreams(activeSinks);
    }
}
