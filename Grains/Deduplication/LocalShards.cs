using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using Divolte.Grains.Telemetry;

namespace Divolte.Grains.Deduplication;

/// <summary>
/// The shards that are active on this silo. A batch reaches them directly, because a grain call for each of its many small parts costs more than all the
/// rest of their way. Thread-safe.
/// </summary>
internal sealed class LocalShards
{
    private readonly ShardPipeline?[] _pipelines;
    private readonly IJournal _journal;
    private readonly TimeSpan _window;

    /// <param name="shards">How many shards there are.</param>
    /// <param name="journal">What they all append to.</param>
    /// <param name="window">The configured duplicate window.</param>
    /// <param name="metrics">Shows what the shards remember.</param>
    public LocalShards(ShardMap shards, IJournal journal, TimeSpan window, GridMetrics metrics)
    {
        _pipelines = new ShardPipeline?[shards.Shards];
        _journal = journal;
        _window = window;
        metrics.ObserveShards(GetRemembered);
    }

    /// <summary>The number of shards of the cluster.</summary>
    public int ShardCount => _pipelines.Length;

    /// <summary>The pipeline of a shard; null when it is not active here.</summary>
    public ShardPipeline? Find(int shard) => Volatile.Read(ref _pipelines[shard]);

    /// <summary>Before a batch is given to its shards, so that their appends share a write.</summary>
    /// <inheritdoc cref="IJournal.BeginGroup"/>
    public void BeginGroup() => _journal.BeginGroup();

    /// <inheritdoc cref="IJournal.EndGroup"/>
    public void EndGroup() => _journal.EndGroup();

    public void Add(int shard, ShardPipeline pipeline) => Volatile.Write(ref _pipelines[shard], pipeline);

    /// <summary>Takes a pipeline out, unless a newer one has its place already.</summary>
    public void Remove(int shard, ShardPipeline pipeline) => Interlocked.CompareExchange(ref _pipelines[shard], null, pipeline);

    private ShardsRemembered GetRemembered()
    {
        var sum = new ShardsRemembered(0, 0, 0, _window);
        for (var shard = 0; shard < _pipelines.Length; shard++)
        {
            if (Find(shard) is not { } pipeline)
                continue;
            var (events, bytes, window) = pipeline.Remembered;
            sum = new ShardsRemembered(
                sum.Shards + 1, sum.Events + events, sum.Bytes + bytes, window < sum.ShortestWindow ? window : sum.ShortestWindow);
        }
        return sum;
    }
}
