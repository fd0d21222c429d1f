using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
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

    /// <summary>
    /// A port that is free now, below the range from which systems hand out ports to whoever asks for any: so nobody takes it by chance before the silo does.
    /// </summary>
    private static int FreePort()
    {
        const int first = 20_000, end = 32_000, triesMax = 50;
        for (var attempt = 1; ; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(first, end);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException) when (attempt < triesMax)
            {
                // Taken; another one then.
            }
        }
    }
}
