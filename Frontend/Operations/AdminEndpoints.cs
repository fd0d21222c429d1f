using Microsoft.AspNetCore.Builder;

namespace Divolte.Frontend.Operations;

/// <summary>What the admin port answers: liveness, readiness and metrics to everyone who reaches it; all else to whom <see cref="AdminAccess"/> lets.</summary>
internal static class AdminEndpoints
{
    public static RequestDelegate Build(IServiceProvider services)
    {
        var pages = services.GetRequiredService<AdminPages>();
        var access = services.GetRequiredService<AdminAccess>();
        // Built when first asked for: a second of compiling that no start has to wait for.
        var metrics = new Lazy<RequestDelegate>(() => BuildMetrics(services));
        return context => Answer(context, pages, access, metrics);
    }

    /// <summary>A short text as the whole answer.</summary>
    public static Task WriteAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }

    private static RequestDelegate BuildMetrics(IServiceProvider services)
    {
        var builder = new ApplicationBuilder(services);
        builder.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        return builder.Build();
    }

    private static Task Answer(HttpContext context, AdminPages pages, AdminAccess access, Lazy<RequestDelegate> metrics)
    {
        switch (context.Request.Path.Value)
        {
            case "/live":
                return WriteAsync(context, StatusCodes.Status200OK, "live");
            case "/ready":
                var obstacle = pages.Obstacle();
                return obstacle is null
                    ? WriteAsync(context, StatusCodes.Status200OK, "ready")
                    : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, obstacle);
            case "/metrics":
                return metrics.Value(context);
        }
        switch (access.Refusal(context))
        {
            case 0:
                break;
            case StatusCodes.Status401Unauthorized:
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"divolte\"";
                return WriteAsync(context, StatusCodes.Status401Unauthorized, "The admin token is needed.");
            default:
                return WriteAsync(context, StatusCodes.Status403Forbidden, "Only from this host, unless divolte.global.admin.token is set.");
        }
        return context.Request.Path.Value == "/status" ? pages.Status(context) : pages.Others(context);
    }
}
