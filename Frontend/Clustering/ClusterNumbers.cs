using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Frontend.Clustering;

/// <summary>What a frontend and its cluster must agree on before the first event passes.</summary>
internal static class ClusterNumbers
{
    /// <summary>How the configuration spells what chooses the shard.</summary>
    public static string NameOf(RouteBy routeBy) => routeBy == RouteBy.Party ? "party" : "uri";

    /// <summary>The first difference, told to an operator; null when there is none.</summary>
    public static string? FindDifference(GridOptions grid, GridProbe probe)
    {
        if (probe.Shards != grid.Shards)
            return Differs("shards", probe.Shards, grid.Shards);
        if (probe.Queues != grid.Queues)
            return Differs("queues", probe.Queues, grid.Queues);
        if (probe.RouteBy != NameOf(grid.RouteBy))
            return Differs("route_by", probe.RouteBy, NameOf(grid.RouteBy));
        return GridFormat.Reads(probe.Format)
            ? null
            : $"The cluster writes format {probe.Format}, this frontend can write formats {GridFormat.Oldest} to {GridFormat.Latest}. Start a frontend of the cluster's release.";
    }

    private static string Differs(string key, object stored, object asked) =>
        $"The cluster was made with divolte.global.grid.{key} = {stored}, the configuration says {asked}. Set it back, or use another cluster.";
}
