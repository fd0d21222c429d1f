using System.Net;
using Divolte.Grains.Deduplication;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Placement;
using Orleans.Runtime;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

public sealed class ShardPlacementTests
{
    private static readonly ShardMap Map = new(256, 64);

    [Fact]
    public void Shards_AreSpreadEvenly()
    {
        var counts = ShardPlacement.Divide(Map, Silos(4)).CountBy(silo => silo).Select(pair => pair.Value).ToList();

        Assert.Equal([64, 64, 64, 64], counts);
    }

    [Fact]
    public void ShardsOfAQueue_AreWhereTheQueueIsRead()
    {
        var silos = Silos(5);
        var readers = QueueShares.Divide(Map.Queues, silos);

        var owners = ShardPlacement.Divide(Map, silos);

        Assert.All(Enumerable.Range(0, Map.Shards), shard => Assert.Equal(readers[Map.QueueOf(shard)], owners[shard]));
    }

    [Fact]
    public void SiloThatJoins_TakesItsShare_AndLittleElseMoves()
    {
        var after = Silos(5);
        var (before, now) = (ShardPlacement.Divide(Map, Silos(4)), ShardPlacement.Divide(Map, after));

        var moved = Enumerable.Range(0, Map.Shards).Where(shard => !before[shard].Equals(now[shard])).ToList();

        Assert.InRange(now.Count(owner => owner.Equals(after[4])), 48, 52);
        Assert.InRange(moved.Count, 48, 52 + 48); // its share, and a few that found room at a better place
    }

    [Fact]
    public void Owner_DoesNotDependOnOrderOrGeneration()
    {
        var silos = Silos(4);
        var restarted = silos.Select(silo => SiloAddress.New(silo.Endpoint, silo.Generation + 7)).Reverse().ToArray();

        Assert.Equal(ShardPlacement.Divide(Map, silos).Select(silo => silo.Endpoint), ShardPlacement.Divide(Map, restarted).Select(silo => silo.Endpoint));
    }

    [Fact]
    public void SiloStartedAgain_GetsWhatItHadWhileItsPredecessorIsStillBelievedAlive()
    {
        var silos = Silos(3);
        var successor = SiloAddress.New(silos[1].Endpoint, silos[1].Generation + 7);

        var owners = ShardPlacement.Divide(Map, [.. silos, successor]);

        Assert.Equal(owners, ShardPlacement.Divide(Map, [successor, .. silos.Reverse()]));
        Assert.Contains(successor, owners);
    }

    [Fact]
    public void NoSilo_OwnsNothing() => Assert.Empty(ShardPlacement.Divide(Map, []));

    private static SiloAddress[] Silos(int count) =>
        [.. Enumerable.Range(0, count).Select(number => SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.0.{number + 1}"), 11111), 1))];
}
