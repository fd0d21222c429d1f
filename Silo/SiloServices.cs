using System.Diagnostics;
using Divolte.Frontend;
using Divolte.Grains;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Silo.Clustering;
using Divolte.Silo.Operations;
using Divolte.Silo.Telemetry;
using Orleans.Configuration;

namespace Divolte.Silo;

/// <summary>Composes one process: Orleans, grains, frontend, admin port. Nothing here is touched by an event.</summary>
internal static class SiloServices
{
    /// <summary>A host that is built and not started.</summary>
    public static IHost Build(DivolteConfiguration configuration)
    {
        // No defaults: what an appsettings.json in the working directory says is nobody's intention here.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.AddConsoleLog(builder.Configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = SiloServer.FlushTimeout);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddFrontend();
        // What a web host would bring along for the routing of the admin port.
        builder.Services.AddRouting();
        builder.Services.AddSingleton(new DiagnosticListener("Microsoft.AspNetCore"));
        builder.Services.AddSingleton<DiagnosticSource>(services => services.GetRequiredService<DiagnosticListener>());
        builder.Services.AddTelemetryExport();
        builder.Services.AddSingleton(configuration.Global.Admin);
        builder.Services.AddSingleton<AdminAccess>();
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<StatusDocument>();
        builder.Services.AddSingleton<AdminServer>();
        builder.UseOrleans(silo => ConfigureSilo(silo, configuration));
        return builder.Build();
    }

    private static void ConfigureSilo(ISiloBuilder silo, DivolteConfiguration configuration)
    {
        silo.UseLocalCluster();
        silo.AddGrains(configuration);
        DashboardStart.Add(silo);
        silo.Configure<GrainCollectionOptions>(options =>
        {
            // Shards hold the duplicate memory and sinks their destinations: an activation leaves when its silo does.
            options.CollectionAge = TimeSpan.FromDays(1);
            options.DeactivationTimeout = SiloServer.FlushTimeout;
        });
    }

    /// <summary>Signals are taken by <see cref="StopSignals"/>; the host starts and stops when it is told to.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
