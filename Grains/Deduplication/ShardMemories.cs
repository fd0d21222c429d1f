using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Deduplication;

/// <summary>Makes the memories of shards: the cluster's sizes, divided.</summary>
internal sealed class ShardMemories
{
    /// <summary>
    /// How long a silent frontend is remembered at least: as long as journals do. A frontend keeps a part in its spool while it cannot reach the grid, and its
    /// disk while it is down; a part whose answer was lost before that is never appended twice.
    /// </summary>
    private static readonly TimeSpan FrontendKeptMin = TimeSpan.FromDays(7);

    private readonly TimeSpan _window;
    private readonly int _minimum;
    private readonly int _capacity;
    private readonly TimeProvider _time;
    private readonly ulong _seed;

    /// <param name="grid">Window and capacity.</param>
    /// <param name="mapper">The minimum.</param>
    /// <param name="shards">Into how many shards they are divided.</param>
    /// <param name="time">The local clock.</param>
    /// <param name="seed">A random number that no client knows.</param>
    public ShardMemories(GridOptions grid, MapperOptions mapper, ShardMap shards, TimeProvider time, ulong seed)
    {
        _window = grid.DuplicateWindow;
        _capacity = (int)Math.Clamp(Share(grid.DuplicateCapacity, shards), 1, KeyRing.CapacityLimit);
        _minimum = (int)Math.Min(Share(mapper.DuplicateMemorySize, shards), _capacity);
        _time = time;
        _seed = seed;
    }

    /// <summary>The most events that one shard remembers.</summary>
    public int Capacity => _capacity;

    /// <summary>A memory of what a claim says, on top of what another activation has sent.</summary>
    /// <param name="claim">What the journal knows.</param>
    /// <param name="snapshot">A <see cref="ShardMemorySnapshot"/>, or empty.</param>
    /// <param name="isSnapshotGood">Whether it could be read; true when it is empty.</param>
    public ShardMemory Create(ShardClaim claim, ReadOnlySpan<byte> snapshot, out bool isSnapshotGood)
    {
        var window = new DuplicateWindow(_window, _minimum, _capacity, _seed);
        var redeliveries = new RedeliveryMemory(_window > FrontendKeptMin ? _window : FrontendKeptMin);
        var memory = new ShardMemory(window, redeliveries, new StoreClock(_time));
        isSnapshotGood = snapshot.IsEmpty || ShardMemorySnapshot.TryRead(snapshot, memory, claim.Now);
        memory.Restore(claim);
        return memory;
    }

    private static long Share(long events, ShardMap shards) => (events + shards.Shards - 1) / shards.Shards;
}
