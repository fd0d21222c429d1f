using System.Security.Cryptography;
using Divolte.Grains.Interfaces.Configuration;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Divolte.Frontend.Clustering;

/// <summary>The Orleans client of a frontend: which cluster, how silos are found, and how long anything may take.</summary>
internal static class GridClient
{
    /// <summary>The service of every grid: what its silos call themselves too.</summary>
    public const string ServiceId = "divolte";

    /// <summary>How long a call may be without answer. Then its parts are delivered again, perhaps by another silo.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ConnectPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Sets everything but the membership, which a test may bring along.</summary>
    public static IClientBuilder ConfigureWaits(this IClientBuilder client)
    {
        client.Configure<ClientMessagingOptions>(options =>
        {
            options.ResponseTimeout = ResponseTimeout;
            options.DropExpiredMessages = true;
        });
        // A silo that joined is used, and one that died forgotten, within this time.
        client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
        client.UseConnectionRetryFilter(async (_, cancellationToken) =>
        {
            await Task.Delay(ConnectPause, cancellationToken);
            return true;
        });
        return client;
    }

    /// <summary>Finds silos in the membership table that they keep in Redis.</summary>
    /// <exception cref="IOException">The connection cannot be made of the settings; one line for the operator.</exception>
    public static IClientBuilder UseRedisMembership(this IClientBuilder client, GridOptions grid)
    {
        var connection = ConnectionOf(grid);
        client.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = (ServiceId, grid.Cluster));
        client.UseRedisClustering(options => options.ConfigurationOptions = connection);
        return client;
    }

    private static ConfigurationOptions ConnectionOf(GridOptions grid)
    {
        try
        {
            var options = ConfigurationOptions.Parse(grid.Redis ?? "");
            if (!string.IsNullOrEmpty(grid.RedisServer.Password))
                options.Password = grid.RedisServer.Password;
            if (!string.IsNullOrEmpty(grid.RedisServer.CertificateAuthority))
                options.TrustIssuer(grid.RedisServer.CertificateAuthority);
            options.ClientName = "divolte-frontend";
            return options;
        }
        catch (ArgumentException wrong)
        {
            throw new IOException($"divolte.global.grid.redis is no connection string: {wrong.Message}", wrong);
        }
        catch (CryptographicException wrong)
        {
            throw new IOException($"divolte.global.grid.redis_server.certificate_authority cannot be read: {wrong.Message}", wrong);
        }
    }
}
