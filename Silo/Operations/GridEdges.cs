using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Silo.Operations;

/// <summary>What came in at the edges of all processes that take visitors, and the sum.</summary>
/// <param name="Frontends">Each process, gone ones too.</param>
internal sealed record GridEdges(IReadOnlyList<FrontendEdge> Frontends)
{
    /// <summary>
    /// Per source, over all processes that are not gone. Gone ones are left out: their figures stand still and would be forgotten one by one, and when the silo
    /// that remembers them dies, all at once.
    /// </summary>
    public IReadOnlyList<SourceEdge> Sum { get; } =
    [
        .. Frontends.Where(frontend => !frontend.IsGone)
            .SelectMany(frontend => frontend.Report.Sources)
            .GroupBy(source => source.Source, StringComparer.Ordinal)
            .Select(source => new SourceEdge(
                source.Key,
                source.Sum(one => one.Received),
                source.Sum(one => one.Accepted),
                source.SelectMany(one => one.Dropped).GroupBy(drop => drop.Key).ToDictionary(drops => drops.Key, drops => drops.Sum(drop => drop.Value)))),
    ];
}
