using System.IO.Hashing;
using System.Text;
using Orleans.Runtime;

namespace Divolte.Grains.Placement;

/// <summary>
/// Which silo each queue belongs to: an even share each, and few queues move when a silo comes or goes. Shards are placed with their queue and the readers of
/// all sinks too, so that an event is read where it was appended. Every silo computes the same from the same members.
/// </summary>
internal static class QueueShares
{
    /// <summary>
    /// By rendezvous hashing, but nobody gets more than an even share, nor less; so a queue goes to its best silo with room left. A silo that comes back on its
    /// address gets back what it had.
    /// </summary>
    /// <param name="queues">Number of queues.</param>
    /// <param name="silos">Whoever is there, in any order.</param>
    /// <returns>One for each queue, by its number; none when there is no silo.</returns>
    public static SiloAddress[] Divide(int queues, IEnumerable<SiloAddress> silos)
    {
        // The newest first, should one still be thought alive that has its place.
        var places = silos.OrderDescending().Select(silo => new Place(silo)).ToArray();
        if (places.Length == 0)
            return [];
        var owners = new SiloAddress[queues];
        // So many have one more than the share.
        var (share, larger) = Math.DivRem(queues, places.Length);
        for (var queue = 0; queue < queues; queue++)
        {
            var owner = places.Where(place => place.Taken < share || (place.Taken == share && larger > 0)).MaxBy(place => place.WeightOf(queue))!;
            if (owner.Taken++ == share)
                larger--;
            owners[queue] = owner.Silo;
        }
        return owners;
    }

    private sealed class Place(SiloAddress silo)
    {
        private readonly string _name = silo.Endpoint.ToString();

        public SiloAddress Silo => silo;

        public int Taken { get; set; }

        public ulong WeightOf(int queue) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{queue}@{_name}"));
    }
}
