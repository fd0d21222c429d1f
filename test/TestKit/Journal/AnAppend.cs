using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;

namespace Divolte.TestKit.Journal;

/// <summary>Appends with as little in them as a test needs.</summary>
internal static class AnAppend
{
    public static readonly Guid Frontend = new("00000000-0000-0000-0000-00000000000a");

    /// <summary>First sights of the events, from one source.</summary>
    public static ShardAppend Of(ShardClaim claim, int shard, long sequence, params string[] eventIds) =>
        Of(claim.Epoch, shard, sequence, [.. eventIds.Select(eventId => AFrame.Of(eventId))]);

    public static ShardAppend Of(long epoch, int shard, long sequence, IReadOnlyList<byte[]> frames, string source = AFrame.Source) =>
        new(
            shard,
            epoch,
            Frontend,
            sequence,
            SettledBelow: 1,
            frames.Count,
            frames.SelectMany(frame => frame).ToArray(),
            [new SourceCount(source, frames.Count)]);

    /// <summary>A frame with the flag of a repeated event.</summary>
    public static byte[] Repeated(string eventId)
    {
        var frame = AFrame.Of(eventId);
        EventFrame.MarkDuplicate(frame);
        return frame;
    }

    /// <summary>The event ids of an entry.</summary>
    public static IEnumerable<string> EventIds(JournalEntry entry)
    {
        var ids = new List<string>();
        for (var rest = entry.Frames; !rest.IsEmpty; rest = rest[EventFrame.LengthOf(rest.Span)..])
            ids.Add(System.Text.Encoding.UTF8.GetString(EventFrameReader.Parse(rest.Span)[FrameSlot.EventId]));
        return ids;
    }

    /// <summary>Everything in a queue behind a position.</summary>
    public static async Task<List<JournalEntry>> ReadAllAsync(IJournal journal, int queue, JournalPosition? after = null, int bytesMax = 4096)
    {
        var entries = new List<JournalEntry>();
        var position = after ?? new JournalPosition(journal.Incarnation, 0);
        while (await journal.ReadAsync(queue, position, bytesMax, CancellationToken.None) is { Entries.Count: > 0 } page)
        {
            entries.AddRange(page.Entries);
            position = page.Next;
        }
        return entries;
    }

    /// <summary>The ids of all events in a queue, in order.</summary>
    public static async Task<List<string>> ReadIdsAsync(IJournal journal, int queue, JournalPosition? after = null) =>
        [.. (await ReadAllAsync(journal, queue, after)).SelectMany(EventIds)];
}
