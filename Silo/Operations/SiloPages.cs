using Divolte.Frontend.Operations;
using Divolte.Silo.Live;
using Orleans.Dashboard;

namespace Divolte.Silo.Operations;

/// <summary>What a silo's admin port shows: its own readiness and status, the live page, and the Orleans dashboard.</summary>
internal static class SiloPages
{
    public static AdminPages Build(IServiceProvider services)
    {
        // Built when first asked for: a second of compiling that no start has to wait for.
        var dashboard = new Lazy<RequestDelegate>(() => BuildDashboard(services));
        var page = services.GetRequiredService<LivePage>();
        return new AdminPages(
            services.GetRequiredService<Readiness>().Obstacle,
            services.GetRequiredService<StatusDocument>().WriteAsync,
            context => page.Answer(context) ?? dashboard.Value(context));
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
