using Divolte.Grains.Journal.Segments;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Segments;

public sealed class EntryIndexTests
{
    [Fact]
    public void From_FindsTheFirstEntryAtOrBehindAPlace()
    {
        var index = new EntryIndex(2);
        index.Add(0, 100, 10);
        index.Add(1, 110, 10);
        index.Add(0, 120, 10);

        Assert.Equal([new EntryPlace(100, 10), new EntryPlace(120, 10)], index.From(0, 0).ToArray());
        Assert.Equal([new EntryPlace(120, 10)], index.From(0, 110).ToArray());
        Assert.Empty(index.From(0, 130).ToArray());
        Assert.Equal(130, index.EndOf(0));
    }

    [Fact]
    public void Bytes_AreReadBack()
    {
        var index = new EntryIndex(3);
        for (var at = 0; at < 100; at++)
            index.Add(at % 2, at * 10, 10);

        var again = EntryIndex.Parse(index.ToBytes(), 3);

        for (var queue = 0; queue < 3; queue++)
            Assert.Equal(index.From(queue, 0).ToArray(), again.From(queue, 0).ToArray());
        Assert.InRange(again.Bytes, 800, index.Bytes);
    }
}
