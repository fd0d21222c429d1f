using Orleans.Dashboard;

namespace Divolte.Silo.Operations;

/// <summary>
/// Adds the Orleans dashboard, but starts its background work only when somebody looks: once a second it collects every figure of every stream, which
/// with many sinks is most of what an idle process does.
/// </summary>
internal sealed class DashboardStart(IServiceProvider services)
{
    private readonly Lazy<Task> _started = new(() => StartAsync(services));

    public Task EnsureAsync() => _started.Value;

    public static void Add(ISiloBuilder silo)
    {
        silo.AddDashboard();
        foreach (var service in silo.Services.Where(IsBackgroundWork).ToList())
        {
            silo.Services.Remove(service);
            silo.Services.AddKeyedSingleton(typeof(IHostedService), typeof(DashboardStart), service.ImplementationType!);
        }
        silo.Services.AddSingleton<DashboardStart>();
    }

    private static bool IsBackgroundWork(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && !service.IsKeyedService && service.ImplementationType?.Assembly == typeof(DashboardOptions).Assembly;

    private static async Task StartAsync(IServiceProvider services)
    {
        foreach (var service in services.GetKeyedServices<IHostedService>(typeof(DashboardStart)))
            await service.StartAsync(CancellationToken.None);
    }
}
