using System.Net;
using Divolte.Grains.Placement;
using Orleans.Runtime;
using Xunit;

namespace Divolte.Grains.Tests.Placement;

public sealed class QueueSharesTests
{
    [Theory]
    [InlineData(16, 1)]
    [InlineData(16, 3)]
    [InlineData(4, 3)]
    [InlineData(2, 5)]
    public void EveryQueue_HasOneSiloAndSharesAreEven(int queues, int silos)
    {
        const int clusters = 50; // a silo without any share comes about with some addresses only
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var members = Silos(silos, firstPort: 11_111 + (cluster * silos));

            var owners = QueueShares.Divide(queues, members);

            Assert.Equal(queues, owners.Length);
            Assert.All(members, silo => Assert.InRange(owners.Count(owner => silo.Equals(owner)), queues / silos, (queues + silos - 1) / silos));
        }
    }

    [Fact]
    public void OrderOfSilos_ChangesNothing()
    {
        var silos = Silos(5);

        Assert.Equal(QueueShares.Divide(16, silos), QueueShares.Divide(16, [.. silos.Reverse()]));
    }

    [Fact]
    public void LostSilo_MovesFewQueuesOfOthers()
    {
        var silos = Silos(4);
        var before = QueueShares.Divide(64, silos);

        var after = QueueShares.Divide(64, silos[..3]);

        var moved = Enumerable.Range(0, 64).Count(queue => !before[queue].Equals(after[queue]));
        Assert.InRange(moved, 16, 16 + 12); // the lost silo's 16, and a few that found room at a better place
    }

    [Fact]
    public void NoSilo_OwnsNothing() => Assert.Empty(QueueShares.Divide(3, []));

    private static SiloAddress[] Silos(int count, int firstPort = 11_111) =>
        [.. Enumerable.Range(0, count).Select(number => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, firstPort + number), 1))];
}
