using Divolte.Frontend;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Telemetry;
using Divolte.Grains;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Intake;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Silo.Clustering;
using Divolte.Silo.Live;
using Divolte.Silo.Operations;
using Orleans.Configuration;

namespace Divolte.Silo;

/// <summary>Composes one process: Orleans, grains, frontend, admin port. Nothing here is touched by an event.</summary>
internal static class SiloServices
{
    /// <summary>A host that is built and not started.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="cluster">How silos find each other; by default as the configuration says.</param>
    public static IHost Build(DivolteConfiguration configuration, Action<ISiloBuilder>? cluster = null)
    {
        var builder = ProcessHost.CreateBuilder("divolte-silo", configuration, SiloServer.FlushTimeout);
        // The base class of a grain service tells of its ring.
        builder.Logging.AddFilter("Divolte.Grains.Intake.SiloIntakeService", LogLevel.Warning);
        builder.Services.AddFrontend(
            static services => services.GetRequiredService<IGrainFactory>().GetGrain<IIntakeGrain>(0).SubmitAsync,
            static services => services.GetRequiredService<IGrainFactory>().GetGrain<IEdgeGrain>(0).ReportAsync,
            static services =>
            {
                var journal = services.GetRequiredService<IJournal>();
                return () => journal.Parameters.Format;
            });
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<EdgeCollector>();
        builder.Services.AddSingleton<StatusDocument>();
        builder.Services.AddSingleton<LiveCollector>();
        builder.Services.AddSingleton(services => new LiveFeed(
            services.GetRequiredService<LiveCollector>().CollectAsync, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<LiveFeed>>()));
        builder.Services.AddSingleton<LivePage>();
        builder.Services.AddSingleton(SiloPages.Build);
        builder.UseOrleans(silo => ConfigureSilo(silo, configuration, cluster ?? (silo => silo.UseCluster(configuration.Global.Grid))));
        return builder.Build();
    }

    private static void ConfigureSilo(ISiloBuilder silo, DivolteConfiguration configuration, Action<ISiloBuilder> cluster)
    {
        cluster(silo);
        silo.AddGrains(configuration);
        if (OtlpSettings.Read(silo.Configuration).Traces is not null)
            silo.AddActivityPropagation(); // every call passes it, so only when somebody traces
        DashboardStart.Add(silo);
        silo.Configure<GrainCollectionOptions>(options =>
        {
            // Shards hold the duplicate memory and sinks their destinations: an activation leaves when its silo does.
            options.CollectionAge = TimeSpan.FromDays(1);
            options.DeactivationTimeout = SiloServer.FlushTimeout;
        });
    }
}
