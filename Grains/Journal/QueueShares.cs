using System.IO.Hashing;
using System.Text;

namespace Divolte.Grains.Journal;

/// <summary>
/// Which member of the grid each queue belongs to: an even share each, and few queues move when a member comes or goes. Shards are placed with their queue and
/// the readers of all sinks too, so that an event is read where it was appended. Every member computes the same from the same members.
/// </summary>
internal static class QueueShares
{
    /// <summary>
    /// By rendezvous hashing, but nobody gets more than an even share, nor less; so a queue goes to its best member with room left.
    /// </summary>
    /// <param name="queues">Number of queues.</param>
    /// <param name="members">Whoever is there, in any order.</param>
    /// <param name="nameOf">What a member keeps when it starts again: it gets back what it had.</param>
    /// <returns>One for each queue; none when there is nobody.</returns>
    public static TMember[] Divide<TMember>(int queues, IEnumerable<TMember> members, Func<TMember, string> nameOf)
        where TMember : IComparable<TMember>
    {
        // The newest first, should one still be thought alive that has its place.
        var places = members.OrderDescending().Select(member => new Place<TMember>(member, nameOf(member))).ToArray();
        if (places.Length == 0)
            return [];
        var owners = new TMember[queues];
        // So many have one more than the share.
        var (share, larger) = Math.DivRem(queues, places.Length);
        for (var queue = 0; queue < queues; queue++)
        {
            var owner = places.Where(place => place.Taken < share || (place.Taken == share && larger > 0)).MaxBy(place => Weight(queue, place.Name))!;
            if (owner.Taken++ == share)
                larger--;
            owners[queue] = owner.Member;
        }
        return owners;
    }

    private static ulong Weight(int queue, string name) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{queue}@{name}"));

    private sealed class Place<TMember>(TMember member, string name)
    {
        public TMember Member => member;

        public string Name => name;

        public int Taken { get; set; }
    }
}
