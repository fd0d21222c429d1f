using System.Collections.Immutable;
using Divolte.Grains.Journal.Marks;

namespace Divolte.Grains.Journal.Redis.State;

/// <summary>
/// What the store holds of one shard, as its owner knows it. Only the owner writes there, so it need not ask. Immutable: a group of appends takes steps
/// from it, which become true when the store has taken the group, and are forgotten otherwise.
/// </summary>
/// <param name="Events">Events that were ever appended.</param>
/// <param name="Chunks">The chunks of marks, oldest first; the last one grows.</param>
/// <param name="Frontends">What each frontend has delivered.</param>
internal sealed record ShardState(long Events, ImmutableArray<MarkChunk> Chunks, ImmutableDictionary<Guid, SequenceRanges> Frontends)
{
    private static readonly long SilenceMax = (long)RedeliveryTable.SilenceMax.TotalMicroseconds;

    /// <summary>Number of the chunk that grows; 0 before the first.</summary>
    public long ChunkLast => Chunks.IsEmpty ? 0 : Chunks[^1].Number;

    /// <summary>Takes a part in.</summary>
    /// <param name="append">The part.</param>
    /// <param name="marks">How many of its events are first sights.</param>
    /// <param name="retention">Which marks are still wanted.</param>
    /// <param name="chunkMarks">When a chunk holds so many, the next one begins.</param>
    /// <param name="storeNow">The store's clock as it was last seen: not later than it is.</param>
    /// <param name="now">What it is now, about; see <see cref="At"/>.</param>
    public ShardStep Take(ShardAppend append, int marks, MarksRetention retention, int chunkMarks, long storeNow, long now)
    {
        var forgotten = Forget(append.Frontend, storeNow);
        var ranges = (Frontends.GetValueOrDefault(append.Frontend) ?? SequenceRanges.Empty).Add(append.Sequence, append.SettledBelow, now);
        var frontends = Frontends.RemoveRange(forgotten).SetItem(append.Frontend, ranges);
        var chunks = Chunks;
        var dropFirst = chunks.IsEmpty ? 1 : chunks[0].Number;
        var isRolled = marks > 0 && (chunks.IsEmpty || chunks[^1].Count >= chunkMarks);
        if (isRolled)
        {
            var number = ChunkLast + 1;
            chunks = Keep(chunks, retention, storeNow).Add(new MarkChunk(number, 0, now));
        }
        if (marks > 0)
            chunks = chunks.SetItem(chunks.Length - 1, chunks[^1] with { Count = chunks[^1].Count + marks, LastMicroseconds = now });
        var range = isRolled ? $"{chunks[0].Number}:{chunks[^1].Number}" : "";
        return new ShardStep(new ShardState(Events + append.EventCount, chunks, frontends), ranges, forgotten, range, dropFirst);
    }

    /// <summary>The same with the time at which the store really took the last append.</summary>
    public ShardState At(long now) =>
        Chunks.IsEmpty || Chunks[^1].LastMicroseconds >= now ? this : this with { Chunks = Chunks.SetItem(Chunks.Length - 1, Chunks[^1] with { LastMicroseconds = now }) };

    private static ImmutableArray<MarkChunk> Keep(ImmutableArray<MarkChunk> chunks, MarksRetention retention, long now)
    {
        var files = chunks.Select(chunk => new MarksFile(chunk.Number, "", chunk.Count, StoreTime.ToTime(chunk.LastMicroseconds).UtcTicks, 0)).ToList();
        return chunks.RemoveRange(0, retention.CountUnwanted(files, newerMarks: 0, StoreTime.ToTime(now)));
    }

    /// <summary>Each start of a frontend is a new one, so the silent ones go when another comes.</summary>
    private List<Guid> Forget(Guid newest, long now)
    {
        if (Frontends.ContainsKey(newest))
            return [];
        var gone = Frontends.Where(pair => pair.Value.LastSeenMicroseconds < now - SilenceMax).Select(pair => pair.Key).ToList();
        var excess = Frontends.Count - gone.Count - RedeliveryTable.FrontendsPerShardMax + 1;
        if (excess > 0)
            gone.AddRange(Frontends.Where(pair => !gone.Contains(pair.Key)).OrderBy(pair => pair.Value.LastSeenMicroseconds).Take(excess).Select(pair => pair.Key));
        return gone;
    }
}

/// <summary>What one part changes.</summary>
/// <param name="Next">The state after it.</param>
/// <param name="Delivered">What its frontend has then delivered.</param>
/// <param name="Forgotten">Frontends to forget.</param>
/// <param name="ChunkRange">First and last number of the chunks, when they change; otherwise empty.</param>
/// <param name="DropFirst">The first chunk to drop; those up to the first of the range.</param>
internal sealed record ShardStep(ShardState Next, SequenceRanges Delivered, IReadOnlyList<Guid> Forgotten, string ChunkRange, long DropFirst);
