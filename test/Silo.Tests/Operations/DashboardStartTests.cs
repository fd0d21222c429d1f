using Divolte.Silo.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Xunit;

namespace Divolte.Silo.Tests.Operations;

/// <summary>By what is registered: a host that is built and never started does not always end.</summary>
public sealed class DashboardStartTests
{
    [Fact]
    public void NothingOfTheDashboard_RunsByItself()
    {
        List<ServiceDescriptor> before = [], added = [];
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            before = [.. silo.Services];
            DashboardStart.Add(silo);
            added = [.. silo.Services.Except(before)];
        });

        Assert.NotEmpty(before);
        Assert.DoesNotContain(added, service => !service.IsKeyedService && IsStarted(service));
        Assert.Contains(added, service => service.IsKeyedService && IsStarted(service));
    }

    private static bool IsStarted(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) || service.ServiceType == typeof(ILifecycleParticipant<ISiloLifecycle>);
}
