using System.Net;
using Divolte.Grains.Deduplication;
using Orleans.Runtime;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

public sealed class ShardPlacementTests
{
    private const int Shards = 256;

    [Fact]
    public void Shards_AreSpread()
    {
        var silos = Silos(4);

        var counts = Enumerable.Range(0, Shards).CountBy(shard => ShardPlacement.OwnerOf(shard, silos)).Select(pair => pair.Value).ToList();

        Assert.Equal(4, counts.Count);
        Assert.All(counts, count => Assert.InRange(count, 40, 90));
    }

    [Fact]
    public void SiloThatJoins_TakesItsShare_AndNothingElseMoves()
    {
        var before = Silos(4);
        var after = Silos(5);
        var moved = Enumerable.Range(0, Shards).Where(shard => !ShardPlacement.OwnerOf(shard, before).Equals(ShardPlacement.OwnerOf(shard, after))).ToList();

        Assert.InRange(moved.Count, 30, 75);
        Assert.All(moved, shard => Assert.Equal(after[4], ShardPlacement.OwnerOf(shard, after)));
    }

    [Fact]
    public void Owner_DoesNotDependOnOrderOrGeneration()
    {
        var silos = Silos(4);
        var restarted = silos.Select(silo => SiloAddress.New(silo.Endpoint, silo.Generation + 7)).Reverse().ToArray();

        Assert.All(
            Enumerable.Range(0, Shards),
            shard => Assert.Equal(ShardPlacement.OwnerOf(shard, silos).Endpoint, ShardPlacement.OwnerOf(shard, restarted).Endpoint));
    }

    private static SiloAddress[] Silos(int count) =>
        [.. Enumerable.Range(0, count).Select(number => SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.0.{number + 1}"), 11111), 1))];
}
