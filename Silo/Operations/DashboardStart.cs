using Orleans.Dashboard;

namespace Divolte.Silo.Operations;

/// <summary>
/// Adds the Orleans dashboard, but starts its background work only when somebody looks: once a second it collects every figure of every stream, which
/// with many sinks is most of what an idle process does.
/// </summary>
internal sealed class DashboardStart(IServiceProvider services)
{
    private readonly Lazy<Task> _started = new(() => StartAsync(services));

    /// <summary>Starts the background work, once; every caller waits until it runs.</summary>
    public Task EnsureAsync() => _started.Value;

    public static void Add(ISiloBuilder silo)
    {
        var before = silo.Services.ToHashSet();
        silo.AddDashboard();
        foreach (var service in silo.Services.Where(service => !before.Contains(service) && IsBackgroundWork(service)).ToList())
        {
            silo.Services.Remove(service);
            silo.Services.Add(new ServiceDescriptor(service.ServiceType, typeof(DashboardStart), (services, _) => Make(service, services), ServiceLifetime.Singleton));
        }
        silo.Services.AddSingleton<DashboardStart>();
    }

    /// <summary>What a host or a silo starts by itself.</summary>
    private static bool IsBackgroundWork(ServiceDescriptor service) =>
        !service.IsKeyedService && (service.ServiceType == typeof(IHostedService) || service.ServiceType == typeof(ILifecycleParticipant<ISiloLifecycle>));

    private static object Make(ServiceDescriptor service, IServiceProvider services) =>
        service.ImplementationInstance
        ?? service.ImplementationFactory?.Invoke(services)
        ?? ActivatorUtilities.CreateInstance(services, service.ImplementationType!);

    private static async Task StartAsync(IServiceProvider services)
    {
        var lifecycle = new LateLifecycle();
        foreach (var participant in services.GetKeyedServices<ILifecycleParticipant<ISiloLifecycle>>(typeof(DashboardStart)))
            participant.Participate(lifecycle);
        await lifecycle.StartAsync();
        foreach (var service in services.GetKeyedServices<IHostedService>(typeof(DashboardStart)))
            await service.StartAsync(CancellationToken.None);
    }

    /// <summary>The stages of a silo for those who come when it has gone through all of them. They end with the process: they hold figures only.</summary>
    private sealed class LateLifecycle : ISiloLifecycle
    {
        private readonly List<(int Stage, ILifecycleObserver Observer)> _observers = [];

        public int HighestCompletedStage => ServiceLifecycleStage.Last;

        public int LowestStoppedStage => int.MaxValue;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            _observers.Add((stage, observer));
            return new Subscription();
        }

        public async Task StartAsync()
        {
            foreach (var (_, observer) in _observers.OrderBy(observer => observer.Stage))
                await observer.OnStart(CancellationToken.None);
        }

        private sealed class Subscription : IDisposable
        {
            public void Dispose()
            {
                // Nothing is stopped here, so there is nothing to leave.
            }
        }
    }
}
