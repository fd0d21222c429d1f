using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Operations;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Grains.Tests.Operations;

public sealed class FrontendEdgesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FrontendEdges _edges;

    public FrontendEdgesTests() => _edges = new FrontendEdges(_time);

    [Fact]
    public void LaterReport_ReplacesTheOneBefore()
    {
        var instance = Guid.NewGuid();
        _edges.Take(Report(instance, received: 1));
        _edges.Take(Report(instance, received: 5));

        var edge = Assert.Single(_edges.Describe());
        Assert.Equal(5, Assert.Single(edge.Report.Sources).Received);
        Assert.False(edge.IsGone);
    }

    [Fact]
    public void SilentFrontend_IsGone_AndBackWithItsNextReport()
    {
        var instance = Guid.NewGuid();
        _edges.Take(Report(instance));
        _time.Advance(FrontendEdges.GoneAfter - TimeSpan.FromMilliseconds(1));
        Assert.False(Assert.Single(_edges.Describe()).IsGone);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        var gone = Assert.Single(_edges.Describe());
        Assert.True(gone.IsGone);
        Assert.Equal(FrontendEdges.GoneAfter, gone.Silent);

        _edges.Take(Report(instance));
        Assert.False(Assert.Single(_edges.Describe()).IsGone);
    }

    [Fact]
    public void FrontendThatIsLongGone_IsForgotten()
    {
        _edges.Take(Report(Guid.NewGuid()));

        _time.Advance(FrontendEdges.ForgottenAfter);

        Assert.Empty(_edges.Describe());
    }

    [Fact]
    public void TooMany_TheLongestSilentIsForgotten()
    {
        var first = Guid.NewGuid();
        var second = Guid.NewGuid();
        _edges.Take(Report(first));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _edges.Take(Report(second));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        for (var number = 2; number < FrontendEdges.FrontendsMax; number++)
            _edges.Take(Report(Guid.NewGuid()));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _edges.Take(Report(first)); // known: nobody has to leave for it
        Assert.Equal(FrontendEdges.FrontendsMax, _edges.Describe().Count);

        _edges.Take(Report(Guid.NewGuid()));

        var instances = _edges.Describe().Select(edge => edge.Report.Instance).ToHashSet();
        Assert.Equal(FrontendEdges.FrontendsMax, instances.Count);
        Assert.Contains(first, instances);
        Assert.DoesNotContain(second, instances);
    }

    [Fact]
    public void Frontends_AreToldByNameAndStart()
    {
        _edges.Take(Report(Guid.NewGuid(), "b", startedSeconds: 1));
        _edges.Take(Report(Guid.NewGuid(), "a", startedSeconds: 2));
        _edges.Take(Report(Guid.NewGuid(), "a", startedSeconds: 1));

        Assert.Equal([("a", 1), ("a", 2), ("b", 1)], _edges.Describe().Select(edge => (edge.Report.Name, edge.Report.StartedAt.Second)));
    }

    private static EdgeReport Report(Guid instance, string name = "host:8290", long received = 0, int startedSeconds = 0) =>
        new(instance, name, DateTimeOffset.UnixEpoch.AddSeconds(startedSeconds), [new SourceEdge("browser", received, received, new Dictionary<Interfaces.Deduplication.DropReason, long>())], Format: 1);
}
