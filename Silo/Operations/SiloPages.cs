using Divolte.Frontend.Operations;
using Orleans.Dashboard;

namespace Divolte.Silo.Operations;

/// <summary>What a silo's admin port shows: its own readiness and status, and the Orleans dashboard.</summary>
internal static class SiloPages
{
    public static AdminPages Build(IServiceProvider services)
    {
        // Built when first asked for: a second of compiling that no start has to wait for.
        var dashboard = new Lazy<RequestDelegate>(() => BuildDashboard(services));
        return new AdminPages(
            services.GetRequiredService<Readiness>().Obstacle,
            services.GetRequiredService<StatusDocument>().WriteAsync,
            context =>
            {
                if (context.Request.Path.Value != "/")
                    return dashboard.Value(context);
                context.Response.Redirect("/dashboard/");
                return Task.CompletedTask;
            });
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
}
