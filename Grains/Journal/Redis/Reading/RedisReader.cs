using System.Globalization;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Journal.Redis.State;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Reading;

/// <summary>Reads on in the queues, and waits for what comes.</summary>
internal sealed class RedisReader(RedisConnection connection, RedisKeys keys, RedisStore store, QueueEnds ends, QueueTails tails, QueueReads reads)
{
    /// <summary>Entries of one page at most: small ones are many.</summary>
    private const int PageEntriesMax = 4096;

    /// <summary>What an entry takes beside its frames, as <c>append.lua</c> reckons: so its number and its length tell where it begins.</summary>
    internal const int EntryOverhead = 112;

    /// <summary>See <see cref="IJournal.ReadAsync"/>.</summary>
    public async ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            var identity = store.Identity;
            var heard = ends.Of(queue);
            Check(after, identity);
            if (tails.Find(identity, queue, after.Offset, bytesMax) is { } own)
                return ToPage(queue, own);
            // An entry's number is where it ends, so this is what fits in.
            var found = await RangeAsync(queue, after.Offset, Number(after.Offset + bytesMax), PageEntriesMax, identity, cancellationToken);
            if (found is { Length: 0 })
                found = await RangeAsync(queue, after.Offset, "+", 1, identity, cancellationToken);
            if (found is null)
                continue;
            var entries = new JournalEntry[found.Length];
            for (var index = 0; index < entries.Length; index++)
                entries[index] = ToEntry(found[index], identity.Incarnation);
            if (entries.Length > 0)
                reads.Note(queue, entries[^1].Position);
            // What was there to be heard of before the read, and is not in it, was freed.
            var begin = entries.Length == 0 ? heard : entries[0].Position.Offset - entries[0].Frames.Length - EntryOverhead;
            return new JournalPage(entries, entries.Length == 0 ? after : entries[^1].Position) { HasGap = begin > after.Offset };
        }
    }

    /// <summary>See <see cref="IJournal.WaitAsync"/>.</summary>
    public async ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken)
    {
        var next = ends.Next(queue); // taken before looking, so that nothing comes in between
        if (!ends.IsKnown(queue))
            await HearEndsAsync().WaitAsync(cancellationToken);
        // Whoever waits has just read nothing there: what was heard may be of a store that has come back shorter.
        while (ends.Of(queue) is var heard && heard > after.Offset)
        {
            var end = (long)await connection.Reads.HashGetAsync(keys.Ends, queue, CommandFlags.DemandMaster).WaitAsync(cancellationToken);
            if (end > after.Offset)
                return;
            ends.Correct(queue, heard, end);
        }
        while (true)
        {
            Check(after, store.Identity);
            await next.WaitAsync(cancellationToken);
            next = ends.Next(queue);
            if (ends.Of(queue) > after.Offset || !ends.IsKnown(queue))
                return;
        }
    }

    /// <summary>Looks where all queues end, for the case that a message was missed.</summary>
    public async Task HearEndsAsync()
    {
        var found = (await connection.Reads.HashGetAllAsync(keys.Ends, CommandFlags.DemandMaster)).ToDictionary(entry => (int)entry.Name, entry => (long)entry.Value);
        for (var queue = 0; queue < ends.Count; queue++)
            ends.Hear(queue, found.GetValueOrDefault(queue));
    }

    /// <summary>See <see cref="IJournal.GetEndAsync"/>.</summary>
    public async ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken)
    {
        var incarnation = store.Identity.Incarnation;
        var step = connection.Reads.CreateTransaction();
        var end = step.HashGetAsync(keys.Ends, queue);
        var accepted = step.HashGetAllAsync(keys.Accepted(queue));
        var progress = step.HashGetAllAsync(keys.Progress(queue));
        await step.ExecuteAsync(CommandFlags.DemandMaster).WaitAsync(cancellationToken);
        var offset = (long)await end;
        ends.Hear(queue, offset);
        var slowest = long.MaxValue;
        foreach (var entry in await progress)
        {
            if (StoredProgress.Parse(entry.Name.ToString(), queue, entry.Value, RedisValue.Null) is { } one && one.Position.Incarnation == incarnation)
                slowest = Math.Min(slowest, one.Position.Offset);
        }
        DateTimeOffset? oldest = null;
        if (slowest < offset)
        {
            var first = await connection.Reads.StreamRangeAsync(keys.Queue(queue), "(" + Number(slowest), "+", 1, Order.Ascending, CommandFlags.DemandMaster);
            oldest = first.Length > 0 ? ToEntry(first[0], incarnation).AppendedAt : null;
        }
        return new QueueEnd(
            new JournalPosition(incarnation, offset),
            [.. (await accepted).Select(source => new SourceCount(source.Name.ToString(), (long)source.Value))],
            oldest);
    }

    private JournalPage ToPage(int queue, JournalEntry[] entries)
    {
        reads.Note(queue, entries[^1].Position);
        return new JournalPage(entries, entries[^1].Position);
    }

    /// <returns>Null when the server was not the one that was looked at: its entries may not be those that the position speaks of.</returns>
    private async Task<StreamEntry[]?> RangeAsync(int queue, long after, RedisValue last, int count, StoreIdentity identity, CancellationToken cancellationToken)
    {
        var reading = connection.Reads.StreamRangeAsync(keys.Queue(queue), "(" + Number(after), last, count, Order.Ascending, CommandFlags.DemandMaster);
        // Asked behind the read: a life that has ended does not come back.
        var life = await RedisServer.ReadLifeAsync(connection.Reads).WaitAsync(cancellationToken);
        var found = await reading.WaitAsync(cancellationToken);
        if (life == identity.Life && ReferenceEquals(identity, store.Identity))
            return found;
        if (life != store.Identity.Life && !await store.LookAgainAsync(identity))
            throw new TimeoutException("Redis was restarted or failed over and cannot be looked at yet.");
        return null;
    }

    private static JournalEntry ToEntry(StreamEntry entry, long incarnation)
    {
        long time = 0;
        int shard = 0, events = 0;
        ReadOnlyMemory<byte> frames = default;
        foreach (var field in entry.Values)
        {
            switch (field.Name.ToString())
            {
                case "t":
                    time = (long)field.Value;
                    break;
                case "s":
                    shard = (int)field.Value;
                    break;
                case "n":
                    events = (int)field.Value;
                    break;
                case "f":
                    frames = field.Value;
                    break;
                default:
                    break; // of a later release
            }
        }
        var id = entry.Id.ToString();
        var offset = long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture);
        return new JournalEntry(new JournalPosition(incarnation, offset), shard, StoreTime.ToTime(time), events, frames);
    }

    private static void Check(JournalPosition position, StoreIdentity identity)
    {
        if (position.Incarnation != identity.Incarnation)
            throw new ArgumentException($"A position of incarnation {position.Incarnation} means nothing in incarnation {identity.Incarnation}.", nameof(position));
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
