using OpenTelemetry.Metrics;

namespace Divolte.Frontend.Telemetry;

/// <summary>Which meters the Prometheus endpoint shows.</summary>
internal static class TelemetryExport
{
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("Divolte.*", "Microsoft.Orleans", "System.Runtime")
            .AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 500));
        return services;
    }
}
