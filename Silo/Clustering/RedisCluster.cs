using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal.Redis.Connecting;
using Orleans.Configuration;

namespace Divolte.Silo.Clustering;

/// <summary>A cluster of many processes that find each other in Redis, under the name of the cluster.</summary>
internal static class RedisCluster
{
    private const int MissedProbesMax = 2;

    /// <summary>Shorter, and a busy processor or a collection of garbage looks like death.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeTimeoutMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(5);

    public static ISiloBuilder UseRedisCluster(this ISiloBuilder silo, GridOptions grid)
    {
        silo.UseRedisClustering(options => options.ConfigurationOptions = RedisConnection.Parse(grid.Redis ?? "", grid.RedisServer, CommandTimeout));
        silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = ("divolte", grid.Cluster));
        silo.Configure<EndpointOptions>(options => SetEndpoints(options, grid));
        silo.Configure<ClusterMembershipOptions>(SetMembership);
        AddDirectory(silo);
        return silo;
    }

    private static void SetEndpoints(EndpointOptions options, GridOptions grid)
    {
        var address = string.IsNullOrEmpty(grid.Address) ? FindAddress() : IPAddress.Parse(grid.Address);
        options.AdvertisedIPAddress = address;
        options.SiloPort = grid.SiloPort == 0 ? FreePort.Find(address) : grid.SiloPort;
        options.GatewayPort = grid.GatewayPort == 0 ? FreePort.Find(address) : grid.GatewayPort;
        if (!IPAddress.IsLoopback(address))
        {
            // In a container the address that others use may be none of its own.
            var any = address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
            options.SiloListeningEndpoint = new IPEndPoint(any, options.SiloPort);
            options.GatewayListeningEndpoint = new IPEndPoint(any, options.GatewayPort);
        }
    }

    /// <summary>
    /// A dead silo is declared so within some three seconds. A living one that is taken for dead does no harm: its writes fail, see the epochs of the journal.
    /// </summary>
    private static void SetMembership(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = ProbeTimeout;
        options.MaxProbeTimeout = ProbeTimeoutMax;
        options.NumMissedProbesLimit = MissedProbesMax;
        options.NumVotesForDeathDeclaration = 2;
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(1);
        options.NumMissedTableIAmAliveLimit = 3;
        options.DefunctSiloExpiration = TimeSpan.FromHours(1);
        options.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
    }

    private static void AddDirectory(ISiloBuilder silo)
    {
#pragma warning disable ORLEANSEXP003 // The default directory forgets grains of living silos when another one leaves, and can hold one twice.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003

        // As long as it takes to notice a death: a silo that is cut off keeps its grains no longer than that, and nobody waits for the lease of a dead one.
        silo.Configure<GrainDirectoryOptions>(options => options.RangeLeaseDuration = ProbeTimeoutMax * MissedProbesMax);
    }

    private static IPAddress FindAddress()
    {
        var addresses = NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => !address.IsIPv6LinkLocal)
            .OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1);
        return addresses.FirstOrDefault() ?? IPAddress.Loopback;
    }
}
