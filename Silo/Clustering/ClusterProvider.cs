using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Silo.Clustering;

/// <summary>Chooses how silos find each other: with the local store there is one, with Redis as many as are started on the same configuration.</summary>
internal static class ClusterProvider
{
    public static ISiloBuilder UseCluster(this ISiloBuilder silo, GridOptions grid) => grid.Store switch
    {
        GridStore.Local => silo.UseLocalCluster(),
        GridStore.Redis => silo.UseRedisCluster(grid),
        _ => throw new ArgumentOutOfRangeException(nameof(grid), grid.Store, "no such store"),
    };
}
