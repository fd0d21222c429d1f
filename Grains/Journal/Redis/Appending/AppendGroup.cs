using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Redis.State;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Appending;

/// <summary>
/// Puts appends together to one script, and steps the shards' state with what the store has taken. One group at a time: the steps of the next build on
/// what became of this one. Belongs to the appender.
/// </summary>
internal sealed class AppendGroup(ShardMap map, ShardHoldings holdings, RedisJournalOptions options, TimeProvider time)
{
    /// <summary>A share of what a shard keeps in any case: so little stays longer than it must.</summary>
    private const int ChunksPerMinimum = 8;
    private const int ChunkMarksMin = 256;

    private readonly List<(RedisAppend Append, ShardHolding Holding)> _parts = [];
    private readonly List<RedisValue> _arguments = [];
    private readonly MarksRetention _retention = new(options.DuplicateWindow, Share(options.DuplicateMemorySize, map), Share(options.DuplicateCapacity, map));
    private readonly int _chunkMarks = Math.Max(ChunkMarksMin, Share(options.DuplicateMemorySize, map) / ChunksPerMinimum);
    private long _storeNow;

    /// <summary>Number of parts in the script.</summary>
    public int Count => _parts.Count;

    /// <summary>Makes the script's arguments. Appends whose shard is held under another epoch are answered at once.</summary>
    public RedisValue[] Build(IReadOnlyList<RedisAppend> appends, StoreIdentity store)
    {
        Forget();
        _arguments.Add(store.Life);
        _arguments.Add(store.Incarnation);
        var now = Math.Max(_storeNow, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        foreach (var append in appends)
        {
            if (holdings.Find(append.Append.Shard) is { } holding && holding.Epoch == append.Append.Epoch)
                Add(append, holding, now);
            else
                append.Complete(AppendStatus.StaleEpoch, default);
        }
        return [.. _arguments];
    }

    /// <summary>The store has taken the parts that are flagged.</summary>
    /// <param name="flags">'1' for each part that was taken, '0' for one under a stale epoch.</param>
    /// <param name="now">The store's clock at the write.</param>
    public void Conclude(string flags, long now)
    {
        _storeNow = now;
        var storeTime = StoreTime.ToTime(now);
        for (var index = 0; index < _parts.Count; index++)
        {
            var (append, holding) = _parts[index];
            if (flags[index] == '1')
            {
                if (holding.Pending is { } taken)
                    holding.State = taken.At(now);
                holding.Pending = null;
                append.Complete(AppendStatus.Appended, storeTime);
            }
            else
            {
                holding.Pending = null;
                holdings.Remove(holding);
                append.Complete(AppendStatus.StaleEpoch, storeTime);
            }
        }
        Forget();
    }

    /// <summary>All parts end alike, and nothing is remembered of them.</summary>
    public void Fail(AppendStatus status)
    {
        foreach (var (append, _) in _parts)
            append.Complete(status, default);
        Forget();
    }

    private void Add(RedisAppend part, ShardHolding holding, long now)
    {
        var append = part.Append;
        var step = (holding.Pending ?? holding.State).Take(append, part.MarkCount, _retention, _chunkMarks, _storeNow, now);
        holding.Pending = step.Next;
        _parts.Add((part, holding));
        _arguments.Add(append.Shard);
        _arguments.Add(append.Epoch);
        _arguments.Add(map.QueueOf(append.Shard));
        _arguments.Add(append.EventCount);
        _arguments.Add(step.Next.Events);
        _arguments.Add(append.Frames);
        _arguments.Add(part.Marks);
        _arguments.Add(step.Next.ChunkLast);
        _arguments.Add(step.ChunkRange);
        _arguments.Add(step.DropFirst);
        _arguments.Add(append.Frontend.ToByteArray());
        _arguments.Add(step.Delivered.ToBytes());
        _arguments.Add(step.Forgotten.Count == 0 ? RedisValue.EmptyString : step.Forgotten.SelectMany(frontend => frontend.ToByteArray()).ToArray());
        _arguments.Add(append.Sources.Count);
        for (var index = 0; index < append.Sources.Count; index++)
        {
            _arguments.Add(append.Sources[index].Source);
            _arguments.Add(append.Sources[index].Events);
        }
    }

    private void Forget()
    {
        foreach (var (_, holding) in _parts)
            holding.Pending = null;
        _parts.Clear();
        _arguments.Clear();
    }

    private static int Share(long events, ShardMap map) => (int)((events + map.Shards - 1) / map.Shards);
}
