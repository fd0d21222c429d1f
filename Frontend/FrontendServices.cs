using Divolte.Frontend.Operations;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Spool;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Frontend;

/// <summary>Everything between a request and the grid, in the order in which a request meets it.</summary>
internal static class FrontendServices
{
    /// <summary>Registers the frontend. The host adds <see cref="DivolteConfiguration"/>, <see cref="ShardMap"/> and a clock.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="send">The way into the grid for events.</param>
    /// <param name="report">The way into the grid for figures.</param>
    /// <param name="format">The format of the cluster's frames at any moment.</param>
    public static IServiceCollection AddFrontend(
        this IServiceCollection services,
        Func<IServiceProvider, SendBatch> send,
        Func<IServiceProvider, Func<EdgeReport, Task>> report,
        Func<IServiceProvider, Func<int>> format)
    {
        services.AddSingleton(FrontendInstance.New());
        services.AddSingleton<FrontendMetrics>();
        services.AddSingleton(provider => new EdgeReporter(
            provider.GetRequiredService<FrontendInstance>(),
            provider.GetRequiredService<FrontendMetrics>(),
            report(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EdgeReporter>>()));
        services.AddSingleton<ShutdownDrain>();
        services.AddSingleton(send);
        services.AddSingleton(provider => CreateSubmitter(provider, format(provider)));
        services.AddSingleton<PublicServer>();
        return services;
    }

    private static EventSubmitter CreateSubmitter(IServiceProvider services, Func<int> format)
    {
        var configuration = services.GetRequiredService<DivolteConfiguration>();
        return new EventSubmitter(
            services.GetRequiredService<ShardMap>(),
            configuration.Global.Grid,
            services.GetRequiredService<SendBatch>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<FrontendMetrics>().CountDropped,
            configuration.Global.Grid.Store == GridStore.Redis ? SubmissionBounds.OfGrid : null,
            frontend: services.GetRequiredService<FrontendInstance>().Id,
            spool: services.GetService<EventSpool>(),
            format: format);
    }
}
