using System.Globalization;
using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Tests.Sinks;

/// <summary>Builds frames and entries in which only what matters is written.</summary>
internal static class AFrame
{
    public const string Browser = "browser";

    public static byte[] Of(string eventId, string party = "0:party", string source = Browser, FrameFlags flags = FrameFlags.None, string eventType = "pageView")
    {
        using var buffer = new FrameBuffer();
        var writer = new EventFrameWriter(buffer);
        writer.SetFlags(flags);
        writer.SetTimes(1_700_000_000_000, 1_700_000_000_000);
        writer.SetIdentity(EventKey.Of(Encoding.UTF8.GetBytes(party), "0:session"u8, Encoding.UTF8.GetBytes(eventId)), ShardMap.HashOf(Encoding.UTF8.GetBytes(party)));
        writer.WriteSlot(FrameSlot.Source, source);
        writer.WriteSlot(FrameSlot.PartyId, party);
        writer.WriteSlot(FrameSlot.SessionId, "0:session");
        writer.WriteSlot(FrameSlot.EventId, eventId);
        writer.WriteSlot(FrameSlot.EventType, eventType);
        writer.WriteHeader("User-Agent", "test");
        writer.Complete();
        return buffer.Written.ToArray();
    }

    /// <summary>One append of these frames, counted by source.</summary>
    public static ShardAppend Append(int shard, params byte[][] frames) => new(
        shard,
        Epoch: 1,
        Guid.Empty,
        Sequence: 1,
        SettledBelow: 1,
        frames.Length,
        frames.SelectMany(frame => frame).ToArray(),
        [.. frames.GroupBy(SourceOf).Select(group => new SourceCount(group.Key, group.Count()))]);

    /// <summary>One append of so many events, with ids made of a prefix and a number.</summary>
    public static ShardAppend Many(int shard, string prefix, int count, int first = 0) =>
        Append(shard, [.. Enumerable.Range(first, count).Select(number => Of(prefix + number.ToString("D4", CultureInfo.InvariantCulture)))]);

    public static string SourceOf(byte[] frame) => Encoding.UTF8.GetString(EventFrameReader.Parse(frame)[FrameSlot.Source]);
}
