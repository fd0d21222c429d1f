using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Silo.Operations;
using Xunit;

namespace Divolte.Silo.Tests.Operations;

public sealed class GridEdgesTests
{
    [Fact]
    public void Sum_IsOverAllThatAreThere_AndBalances()
    {
        var edges = new GridEdges(
        [
            Frontend(isGone: false, Source("browser", 10, (DropReason.PartyId, 2)), Source("app", 3)),
            Frontend(isGone: false, Source("browser", 20, (DropReason.PartyId, 1), (DropReason.NotDurable, 4))),
            Frontend(isGone: true, Source("browser", 1000, (DropReason.Overload, 1000))),
        ]);

        Assert.Equal([("browser", 30, 23), ("app", 3, 3)], edges.Sum.Select(source => (source.Source, source.Received, source.Accepted)));
        Assert.Equal(new Dictionary<DropReason, long> { [DropReason.PartyId] = 3, [DropReason.NotDurable] = 4 }, edges.Sum[0].Dropped);
        Assert.All(edges.Sum, source => Assert.Equal(source.Received, source.Accepted + source.Dropped.Values.Sum()));
    }

    [Fact]
    public void NobodyThere_NothingToSum() => Assert.Empty(new GridEdges([]).Sum);

    private static FrontendEdge Frontend(bool isGone, params SourceEdge[] sources) =>
        new(new EdgeReport(Guid.NewGuid(), "", default, sources, Format: 1), TimeSpan.Zero, isGone);

    private static SourceEdge Source(string name, long received, params (DropReason Reason, long Events)[] dropped) =>
        new(name, received, received - dropped.Sum(drop => drop.Events), dropped.ToDictionary(drop => drop.Reason, drop => drop.Events));
}
