using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;

namespace Divolte.Frontend.Telemetry;

/// <summary>
/// Which meters the Prometheus endpoint shows, and what is sent by OTLP. Sending has threads and bounded queues of its own: a collector that is away or slow
/// costs telemetry, never an event.
/// </summary>
internal static class TelemetryExport
{
    /// <summary>How long a stop waits for the last telemetry to be taken.</summary>
    public static readonly TimeSpan StopMax = TimeSpan.FromSeconds(1);

    /// <param name="services">Where to.</param>
    /// <param name="otlp">What is sent.</param>
    /// <param name="program">What the sender calls itself unless <c>OTEL_SERVICE_NAME</c> says otherwise.</param>
    /// <param name="version">Its version.</param>
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, OtlpSettings otlp, string program, string version)
    {
        var telemetry = services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter("Divolte.*", "Microsoft.Orleans", "System.Runtime");
            metrics.AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 500);
            if (otlp.Metrics is { } signal)
                metrics.AddOtlpExporter(signal.Apply);
        });
        if (otlp.Traces is { } signal)
        {
            telemetry.WithTracing(traces => traces
                .AddSource("Divolte.*", ActivitySources.ApplicationGrainActivitySourceName, ActivitySources.RuntimeActivitySourceName)
                .AddOtlpExporter(signal.Apply));
        }
        if (otlp.IsOn)
        {
            // The variables come last, so that they overrule the name.
            telemetry.ConfigureResource(resource => resource.AddService(program, serviceVersion: version).AddEnvironmentVariableDetector());
            services.AddSingleton(otlp);
        }
        return services;
    }

    /// <summary>Sends what is left, within <see cref="StopMax"/>: a collector that hangs holds up no stop.</summary>
    public static Task StopAsync(IServiceProvider services)
    {
        if (services.GetService<OtlpSettings>() is null)
            return Task.CompletedTask;
        var limit = (int)StopMax.TotalMilliseconds;

        // Both calls block.
        return Task.WhenAll(
            Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(limit)),
            Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(limit)));
    }
}
