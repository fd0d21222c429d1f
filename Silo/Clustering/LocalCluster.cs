using System.Net;
using Orleans.Configuration;

namespace Divolte.Silo.Clustering;

/// <summary>A cluster of one process: membership in memory, a free port of loopback that nobody else needs to know, no gateway for clients.</summary>
internal static class LocalCluster
{
    public static ISiloBuilder UseLocalCluster(this ISiloBuilder silo)
    {
        silo.UseLocalhostClustering(FreePort.Find(IPAddress.Loopback), gatewayPort: 0, serviceId: "divolte", clusterId: "local");
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // Nobody else writes "I am alive" here, and nobody reads it.
            options.IAmAliveTablePublishTimeout = TimeSpan.FromMinutes(5);
            options.TableRefreshTimeout = TimeSpan.FromMinutes(5);
        });
        return silo;
    }
}
