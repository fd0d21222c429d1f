using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Redis.Reading;
using Divolte.Grains.Journal.Redis.State;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Appending;

/// <summary>
/// Puts appends together to one script, and steps the shards' state with what the store has taken. One group at a time: the steps of the next build on
/// what became of this one. Belongs to the appender.
/// </summary>
internal sealed class AppendGroup(ShardMap map, ShardHoldings holdings, QueueTails tails, RedisJournalOptions options, TimeProvider time)
{
    /// <summary>A share of what a shard keeps in any case: so little stays longer than it must.</summary>
    private const int ChunksPerMinimum = 8;
    private const int ChunkMarksMin = 256;

    private readonly List<(RedisAppend Append, ShardHolding Holding)> _parts = [];
    private readonly List<RedisValue> _arguments = [];
    private readonly MarksRetention _retention = new(options.DuplicateWindow, Share(options.DuplicateMemorySize, map), Share(options.DuplicateCapacity, map));
    private readonly int _chunkMarks = Math.Max(ChunkMarksMin, Share(options.DuplicateMemorySize, map) / ChunksPerMinimum);
    private readonly long[] _ends = new long[map.Queues];
    private StoreIdentity _store = null!;
    private long _storeNow;

    /// <summary>Number of parts in the script.</summary>
    public int Count => _parts.Count;

    /// <summary>Makes the script's arguments. Appends whose shard is held under another epoch are answered at once.</summary>
    public RedisValue[] Build(IReadOnlyList<RedisAppend> appends, StoreIdentity store)
    {
        Forget();
        _store = store;
        _arguments.Add(store.Life);
        _arguments.Add(store.Incarnation);
        var answers = new RedisAnswers();
        var now = Math.Max(_storeNow, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        foreach (var append in appends)
        {
            if (holdings.Find(append.Append.Shard) is { } holding && holding.Epoch == append.Append.Epoch)
                Add(append, holding, now);
            else
                answers.Add(append, AppendStatus.StaleEpoch, default);
        }
        answers.Publish();
        return [.. _arguments];
    }

    /// <summary>The store has taken the parts that are flagged.</summary>
    /// <param name="flags">'1' for each part that was taken, '0' for one under a stale epoch.</param>
    /// <param name="now">The store's clock at the write.</param>
    /// <param name="starts">Where the queues ended before, as on the wake channel.</param>
    public void Conclude(string flags, long now, string starts)
    {
        _storeNow = now;
        foreach (var (queue, end) in QueueEnds.Parse(starts))
            _ends[queue] = end;
        var storeTime = StoreTime.ToTime(now);
        var answers = new RedisAnswers();
        for (var index = 0; index < _parts.Count; index++)
        {
            var (append, holding) = _parts[index];
            if (flags[index] == '1')
            {
                if (holding.Pending is { } taken)
                    holding.State = taken.At(now);
                holding.Pending = null;
                Keep(append.Append, storeTime);
                answers.Add(append, AppendStatus.Appended, storeTime);
            }
            else
            {
                holding.Pending = null;
                holdings.Remove(holding);
                answers.Add(append, AppendStatus.StaleEpoch, storeTime);
            }
        }
        answers.Publish();
        Forget();
    }

    /// <summary>All parts end alike, and nothing is remembered of them.</summary>
    public void Fail(AppendStatus status)
    {
        var answers = new RedisAnswers();
        foreach (var (append, _) in _parts)
            answers.Add(append, status, default);
        answers.Publish();
        Forget();
    }

    /// <summary>Leaves the entry to those who read it here. A copy: the caller's array is its own again when it has its answer.</summary>
    private void Keep(ShardAppend append, DateTimeOffset storeTime)
    {
        var queue = map.QueueOf(append.Shard);
        var start = _ends[queue];
        _ends[queue] = start + append.Frames.Length + RedisReader.EntryOverhead;
        var position = new JournalPosition(_store.Incarnation, _ends[queue]);
        tails.Add(_store, queue, start, new JournalEntry(position, append.Shard, storeTime, append.EventCount, append.Frames.ToArray()));
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
