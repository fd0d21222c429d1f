using System.Diagnostics;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Frontend.Hosting;

/// <summary>What a silo's and a frontend's process have in common: no defaults from anywhere, one console log, the admin port, metrics.</summary>
internal static class ProcessHost
{
    /// <param name="program">What the process calls itself in telemetry.</param>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="shutdownTimeout">How long the services of the host may take to stop.</param>
    /// <exception cref="IOException">An environment variable has a value that cannot be meant; one line for the operator.</exception>
    public static HostApplicationBuilder CreateBuilder(string program, DivolteConfiguration configuration, TimeSpan shutdownTimeout)
    {
        // No defaults: what an appsettings.json in the working directory says is nobody's intention here.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.AddConsoleLog(builder.Configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = shutdownTimeout);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(TimeProvider.System);
        // What a web host would bring along for the routing of the admin port.
        builder.Services.AddRouting();
        builder.Services.AddSingleton(new DiagnosticListener("Microsoft.AspNetCore"));
        builder.Services.AddSingleton<DiagnosticSource>(services => services.GetRequiredService<DiagnosticListener>());
        builder.Services.AddTelemetryExport(OtlpSettings.Read(builder.Configuration), program, ProductVersion.Text);
        builder.Services.AddSingleton(configuration.Global.Admin);
        builder.Services.AddSingleton<AdminAccess>();
        builder.Services.AddSingleton<AdminServer>();
        return builder;
    }

    /// <summary>Signals are taken by <see cref="StopSignals"/>; the host starts and stops when it is told to.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
