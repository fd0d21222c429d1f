using Orleans.Dashboard;

namespace Divolte.Silo.Operations;

/// <summary>What the admin port answers: liveness, readiness and metrics to everyone who reaches it; status and dashboard to whom <see cref="AdminAccess"/> lets.</summary>
internal static class AdminEndpoints
{
    public static RequestDelegate Build(IServiceProvider services)
    {
        var readiness = services.GetRequiredService<Readiness>();
        var access = services.GetRequiredService<AdminAccess>();
        var status = services.GetRequiredService<StatusDocument>();
        // Built when first asked for: a second of compiling that no start has to wait for.
        var metrics = new Lazy<RequestDelegate>(() => BuildMetrics(services));
        var dashboard = new Lazy<RequestDelegate>(() => BuildDashboard(services));
        return context => Answer(context, readiness, access, status, metrics, dashboard);
    }

    private static RequestDelegate BuildMetrics(IServiceProvider services)
    {
        var builder = new ApplicationBuilder(services);
        builder.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        return builder.Build();
    }

    private static RequestDelegate BuildDashboard(IServiceProvider services)
    {
        var builder = new ApplicationBuilder(services);
        var start = services.GetRequiredService<DashboardStart>();
        builder.Use(next => async context =>
        {
            await start.EnsureAsync();
            await next(context);
        });
        builder.UseRouting();
        builder.UseEndpoints(endpoints => endpoints.MapOrleansDashboard("/dashboard"));
        return builder.Build();
    }

    private static Task Answer(
        HttpContext context, Readiness readiness, AdminAccess access, StatusDocument status, Lazy<RequestDelegate> metrics, Lazy<RequestDelegate> dashboard)
    {
        switch (context.Request.Path.Value)
        {
            case "/live":
                return WriteAsync(context, StatusCodes.Status200OK, "live");
            case "/ready":
                var obstacle = readiness.Obstacle();
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
        switch (context.Request.Path.Value)
        {
            case "/":
                context.Response.Redirect("/dashboard/");
                return Task.CompletedTask;
            case "/status":
                return status.WriteAsync(context);
            default:
                return dashboard.Value(context);
        }
    }

    private static Task WriteAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
