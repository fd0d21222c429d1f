namespace Divolte.Grains.Journal.Redis.State;

/// <summary>A shard that this process has claimed, with what is acknowledged of it.</summary>
/// <param name="shard">The shard.</param>
/// <param name="epoch">The epoch of the claim.</param>
/// <param name="state">What the claim found.</param>
internal sealed class ShardHolding(int shard, long epoch, ShardState state)
{
    private volatile ShardState _state = state;

    public int Shard => shard;

    public long Epoch => epoch;

    /// <summary>What the store has acknowledged.</summary>
    public ShardState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>The state behind the parts of the group that is being put together; null outside of one. The appender's.</summary>
    public ShardState? Pending { get; set; }
}
