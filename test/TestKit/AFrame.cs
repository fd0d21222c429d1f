using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;

namespace Divolte.TestKit;

/// <summary>A complete frame with as little in it as a test needs. The shard hash and the identity key are made of the ids, as a frontend does.</summary>
public static class AFrame
{
    public const string Source = "browser";

    /// <param name="eventId">What tells it from others.</param>
    /// <param name="party">Who sent it.</param>
    /// <param name="source">Where it came in.</param>
    /// <param name="padding">So many bytes more.</param>
    public static byte[] Of(string eventId, string party = "0:party", string source = Source, int padding = 0)
    {
        using var buffer = new FrameBuffer();
        var writer = new EventFrameWriter(buffer);
        var partyId = System.Text.Encoding.UTF8.GetBytes(party);
        writer.SetTimes(1, 1);
        writer.SetIdentity(EventKey.Of(partyId, "0:session"u8, System.Text.Encoding.UTF8.GetBytes(eventId)), ShardMap.HashOf(partyId));
        writer.WriteSlot(FrameSlot.Source, source);
        writer.WriteSlot(FrameSlot.PartyId, party);
        writer.WriteSlot(FrameSlot.SessionId, "0:session"u8);
        writer.WriteSlot(FrameSlot.EventId, eventId);
        if (padding > 0)
            writer.WriteSlot(FrameSlot.Location, new byte[padding]);
        writer.Complete();
        return buffer.Written.ToArray();
    }

    /// <summary>A party whose events go to a shard.</summary>
    public static string PartyOf(int shard, ShardMap shards)
    {
        for (var number = 0; ; number++)
        {
            var party = $"0:party{number}";
            if (shards.ShardOf(ShardMap.HashOf(System.Text.Encoding.UTF8.GetBytes(party))) == shard)
                return party;
        }
    }
}
