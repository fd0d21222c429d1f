using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace Divolte.Silo.Clustering;

/// <summary>A cluster of one process: membership in memory, a free port of loopback that nobody else needs to know, no gateway for clients.</summary>
internal static class LocalCluster
{
    public static ISiloBuilder UseLocalCluster(this ISiloBuilder silo)
    {
        silo.UseLocalhostClustering(FreePort(), gatewayPort: 0, serviceId: "divolte", clusterId: "local");
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            // Nobody else writes "I am alive" here, and nobody reads it.
            options.IAmAliveTablePublishTimeout = TimeSpan.FromMinutes(5);
            options.TableRefreshTimeout = TimeSpan.FromMinutes(5);
        });
        return silo;
    }

    /// <summary>A port that is free now. Somebody may take it before the silo does; the start then fails with a clear message and can be tried again.</summary>
    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
