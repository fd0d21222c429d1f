using Divolte.Frontend.Operations;
using Divolte.Frontend.Requests;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Interfaces.Intake;

namespace Divolte.Frontend;

/// <summary>Everything between a request and the grid, in the order in which a request meets it.</summary>
internal static class FrontendServices
{
    /// <summary>Registers the frontend. The host adds <see cref="DivolteConfiguration"/>, <see cref="ShardMap"/>, a clock and a grain factory.</summary>
    public static IServiceCollection AddFrontend(this IServiceCollection services)
    {
        services.AddSingleton<FrontendMetrics>();
        services.AddSingleton<ShutdownDrain>();
        services.AddSingleton(CreateSubmitter);
        services.AddSingleton<PublicServer>();
        return services;
    }

    private static EventSubmitter CreateSubmitter(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<DivolteConfiguration>();
        var intake = services.GetRequiredService<IGrainFactory>().GetGrain<IIntakeGrain>(0);
        return new EventSubmitter(
            services.GetRequiredService<ShardMap>(),
            configuration.Global.Grid,
            intake.SubmitAsync,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<FrontendMetrics>().CountDropped);
    }
}
