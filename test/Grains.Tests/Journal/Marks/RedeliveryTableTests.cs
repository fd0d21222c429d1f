using CsCheck;
using Divolte.Grains.Journal.Marks;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Marks;

public sealed class RedeliveryTableTests
{
    private static readonly Guid Frontend = Guid.NewGuid();

    [Fact]
    public void AnyOrderOfParts_IsRememberedAboveWhatIsSettled() =>
        Gen.Select(Gen.Long[1, 60], Gen.Long[0, 40]).Array[0, 80].Sample(parts =>
        {
            var table = new RedeliveryTable(2);
            var expected = new SortedSet<long>();
            var settled = 0L;
            foreach (var (sequence, settledBelow) in parts)
            {
                table.Add(1, Frontend, sequence, settledBelow, 1);
                if (sequence >= settled)
                    expected.Add(sequence);
                settled = Math.Max(settled, settledBelow);
                expected.RemoveWhere(one => one < settled);
            }

            var found = RedeliveryTable.Parse(table.ToBytes(), 2).Of(1);

            Assert.Empty(table.Of(0));
            Assert.Equal(expected, found.SelectMany(one => one.Appended));
            Assert.All(found, one => Assert.Equal(settled, one.SettledBelow));
        });

    [Fact]
    public void SilentFrontends_AreForgottenWhenAnotherComes()
    {
        var table = new RedeliveryTable(1);
        table.Add(0, Frontend, 1, 1, 0);
        var stillThere = Guid.NewGuid();
        table.Add(0, stillThere, 1, 1, RedeliveryTable.SilenceMax.Ticks);

        var newcomer = Guid.NewGuid();
        table.Add(0, newcomer, 1, 1, RedeliveryTable.SilenceMax.Ticks + 1);

        Assert.Equal(new[] { stillThere, newcomer }.Order(), table.Of(0).Select(one => one.Frontend).Order());
    }

    [Fact]
    public void Frontends_AreBounded()
    {
        var table = new RedeliveryTable(1);
        for (var at = 0; at < RedeliveryTable.FrontendsPerShardMax + 10; at++)
            table.Add(0, Guid.NewGuid(), 1, 1, at);

        Assert.Equal(RedeliveryTable.FrontendsPerShardMax, table.Of(0).Count);
        Assert.Equal(10, table.Of(0).Min(one => one.LastSeen.UtcTicks));
    }

    [Fact]
    public void Ranges_AreBounded()
    {
        var table = new RedeliveryTable(1);
        for (var at = 0; at < RedeliveryTable.RangesMax + 10; at++)
            table.Add(0, Frontend, at * 2, 0, 1);

        Assert.Equal(RedeliveryTable.RangesMax, table.Of(0).Single().Appended.Count);
        Assert.Equal(20, table.Of(0).Single().Appended[0]);
    }
}
