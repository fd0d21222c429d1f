using Divolte.Silo.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Dashboard;
using Orleans.Hosting;

namespace Divolte.Silo.Tests.Operations;

public sealed class DashboardStartTests
{
    [Fact]
    public void NothingOfTheDashboard_RunsByItself()
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            DashboardStart.Add(silo);
        });

        using var host = builder.Build();
        var running = host.Services.GetServices<IHostedService>();
        var waiting = host.Services.GetKeyedServices<IHostedService>(typeof(DashboardStart));

        Assert.DoesNotContain(running, service => service.GetType().Assembly == typeof(DashboardOptions).Assembly);
        Assert.Contains(waiting, service => service.GetType().Assembly == typeof(DashboardOptions).Assembly);
    }
}
