namespace Divolte.Grains.Journal.Redis.State;

/// <summary>The shards that this process has claimed. Whether a claim still counts is for the store to say. Thread-safe.</summary>
/// <param name="parameters">The numbers of the cluster.</param>
internal sealed class ShardHoldings(JournalParameters parameters)
{
    private readonly ShardHolding?[] _held = new ShardHolding?[CountOf(parameters)];
    private long _epochMax;

    /// <summary>How many shards can be claimed: those of the cluster, and behind them one for each queue, see <see cref="IJournal.ReplayShardOf"/>.</summary>
    public static int CountOf(JournalParameters parameters) => parameters.Shards + parameters.Queues;

    /// <summary>The highest epoch that this process has seen: no later claim may get a lower one.</summary>
    public long EpochMax => Interlocked.Read(ref _epochMax);

    public ShardHolding? Find(int shard) => Volatile.Read(ref _held[shard]);

    /// <summary>All of them.</summary>
    public IReadOnlyList<ShardHolding> ToList() => [.. _held.OfType<ShardHolding>()];

    /// <summary>Takes a claim, unless a later one is there already.</summary>
    public void Set(ShardHolding holding)
    {
        lock (_held)
        {
            if (_held[holding.Shard] is not { } held || held.Epoch < holding.Epoch)
                Volatile.Write(ref _held[holding.Shard], holding);
            _epochMax = Math.Max(_epochMax, holding.Epoch);
        }
    }

    /// <summary>Forgets a claim that no longer counts.</summary>
    public void Remove(ShardHolding holding) => Interlocked.CompareExchange(ref _held[holding.Shard], null, holding);

    /// <summary>Forgets all claims: what is known of the store is no longer true.</summary>
    public void Clear()
    {
        lock (_held)
            Array.Clear(_held);
    }
}
