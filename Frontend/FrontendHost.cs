using Divolte.Frontend.Clustering;
using Divolte.Frontend.Hosting;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Spool;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Interfaces.Intake;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Frontend;

/// <summary>Composes the process of a frontend: HTTP, the way into the grid, admin port. Nothing here is touched by an event.</summary>
internal static class FrontendHost
{
    /// <summary>A host that is built and not started.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="membership">How silos are found.</param>
    public static IHost Build(DivolteConfiguration configuration, Action<IClientBuilder> membership)
    {
        var builder = ProcessHost.CreateBuilder("divolte-frontend", configuration, FrontendServer.FlushTimeout);
        // While silos are away its client tells of every try; the connection tells once.
        builder.Logging.AddFilter("Orleans", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        var grid = configuration.Global.Grid;
        builder.Services.AddSingleton(new ShardMap(grid.Shards, grid.Queues));
        builder.Services.AddSingleton(CreateConnection);
        builder.Services.AddFrontend(
            static services => services.GetRequiredService<GridConnection>().SendAsync,
            static services => services.GetRequiredService<GridConnection>().ReportAsync,
            static services =>
            {
                var connection = services.GetRequiredService<GridConnection>();
                return () => connection.Format;
            });
        if (grid.Spool.Directory is { } directory)
            AddSpool(builder.Services, directory, grid);
        builder.Services.AddSingleton<FrontendReadiness>();
        builder.Services.AddSingleton<FrontendStatus>();
        builder.Services.AddSingleton(CreatePages);
        builder.UseOrleansClient(client =>
        {
            client.ConfigureWaits();
            if (OtlpSettings.Read(builder.Configuration).Traces is not null)
                client.AddActivityPropagation(); // every call passes it, so only when somebody traces
            membership(client);
        });
        return builder.Build();
    }

    private static void AddSpool(IServiceCollection services, string directory, GridOptions grid)
    {
        services.AddSingleton(provider => EventSpool.Open(
            new LocalStableFiles(directory, Path.Combine(directory, "lock"), "spool directory"),
            new SpoolBounds { BytesMax = grid.Spool.MaximumSizeBytes },
            new SpoolOwner(grid.Shards, ClusterNumbers.NameOf(grid.RouteBy)),
            provider.GetRequiredService<FrontendInstance>().Id,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EventSpool>>()));
        services.AddSingleton<SpoolMetrics>();
    }

    private static GridConnection CreateConnection(IServiceProvider services)
    {
        var host = services.GetRequiredService<IHost>();
        var grains = services.GetRequiredService<IClusterClient>();
        return new GridConnection(
            services.GetRequiredService<DivolteConfiguration>().Global.Grid,
            host.StartAsync,
            () => grains.GetGrain<IGridProbeGrain>(0).GetAsync(),
            (batch, cancellationToken) => grains.GetGrain<IIntakeGrain>(0).SubmitAsync(batch, cancellationToken),
            report => grains.GetGrain<IEdgeGrain>(0).ReportAsync(report),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<GridConnection>>());
    }

    private static AdminPages CreatePages(IServiceProvider services) => new(
        services.GetRequiredService<FrontendReadiness>().Obstacle,
        services.GetRequiredService<FrontendStatus>().WriteAsync,
        static context =>
        {
            if (context.Request.Path.Value != "/")
                return AdminEndpoints.WriteAsync(context, StatusCodes.Status404NotFound, "A frontend has /live, /ready, /metrics and /status; the dashboard is on the silos.");
            context.Response.Redirect("/status");
            return Task.CompletedTask;
        });
}
