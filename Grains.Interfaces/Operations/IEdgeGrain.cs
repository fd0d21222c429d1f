using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Formats;
using Orleans;
using Orleans.CodeGeneration;

namespace Divolte.Grains.Interfaces.Operations;

/// <summary>
/// What came in at the edges of all processes that take visitors. One activation, key 0. It is told in bulk, never on an event's way; what it forgets when
/// its silo dies comes back with the next reports.
/// </summary>
[Alias("divolte.edge-grain"), Version(GridFormat.Latest)]
public interface IEdgeGrain : IGrainWithIntegerKey
{
    /// <summary>Takes the figures of one process, in place of those that it told before.</summary>
    [Alias("report")]
    Task ReportAsync(EdgeReport report);

    /// <summary>What every process told last, by name; those that fell silent of late too.</summary>
    [Alias("get")]
    Task<IReadOnlyList<FrontendEdge>> GetAsync();
}

/// <summary>What one process has counted at its edge since it started.</summary>
/// <param name="Instance">Random id of this start of the process.</param>
/// <param name="Name">Where it runs, for people: host and public port.</param>
/// <param name="StartedAt">When it started, by its own clock.</param>
/// <param name="Sources">One entry per source.</param>
/// <param name="Format">The latest format that it reads, see <see cref="GridFormat"/>; 0 of a release that does not tell.</param>
[GenerateSerializer, Immutable, Alias("divolte.edge-report")]
public sealed record EdgeReport(
    [property: Id(0)] Guid Instance,
    [property: Id(1)] string Name,
    [property: Id(2)] DateTimeOffset StartedAt,
    [property: Id(3)] IReadOnlyList<SourceEdge> Sources,
    [property: Id(4)] int Format);

/// <summary>One source at an edge. <c>Received = Accepted + dropped</c>, always.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Received">Event requests that reached it, good or bad.</param>
/// <param name="Accepted">Events handed to the grid, or on their way there.</param>
/// <param name="Dropped">Events that ended at the edge, by reason.</param>
[GenerateSerializer, Immutable, Alias("divolte.source-edge")]
public sealed record SourceEdge(
    [property: Id(0)] string Source,
    [property: Id(1)] long Received,
    [property: Id(2)] long Accepted,
    [property: Id(3)] IReadOnlyDictionary<DropReason, long> Dropped);

/// <summary>One process as it told of itself last.</summary>
/// <param name="Report">What it told.</param>
/// <param name="Silent">How long ago, by the grain's clock.</param>
/// <param name="IsGone">Silent for so long that it no longer counts: stopped, killed, or cut off.</param>
[GenerateSerializer, Immutable, Alias("divolte.frontend-edge")]
public sealed record FrontendEdge([property: Id(0)] EdgeReport Report, [property: Id(1)] TimeSpan Silent, [property: Id(2)] bool IsGone);
