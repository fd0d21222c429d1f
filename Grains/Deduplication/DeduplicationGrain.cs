using System.Buffers;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using Divolte.Grains.Placement;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;

namespace Divolte.Grains.Deduplication;

/// <summary>The life of one shard: claims it, holds its <see cref="ShardPipeline"/>, and takes its memory along when it moves. No logic of its own.</summary>
/// <remarks>
/// Interleaves, so that appends overlap. Never collected for idleness: its memory would go with it, and parts that come directly are no calls of its own.
/// </remarks>
[Reentrant, KeepAlive, Immovable, ShardPlacement]
internal sealed partial class DeduplicationGrain(
    IJournal journal,
    ShardMemories memories,
    LocalShards shards,
    QueueOwners owners,
    ShardMap map,
    SourceTally sources,
    GridMetrics metrics,
    ILogger<DeduplicationGrain> logger) : Grain, IDeduplicationGrain, IGrainMigrationParticipant
{
    private const string SnapshotKey = "divolte.shard-memory";
    private const int ExpiriesPerLook = 10_000;

    private ReadOnlySequence<byte> _carried;
    private ShardMemory _memory = null!;
    private ShardPipeline _pipeline = null!;
    private Task _claiming = Task.CompletedTask;
    private bool _isAtRest;

    private int Shard => (int)this.GetPrimaryKeyLong();

    public async Task<BatchReceipt> AcceptAsync(Guid frontend, ShardPart part, CancellationToken cancellationToken)
    {
        var verdicts = new byte[part.EventCount];
        var head = new BatchPartHead(Shard, part.EventCount, part.Sequence, part.SettledBelow);
        if (await _pipeline.AcceptAsync(frontend, head, part.Frames, verdicts, cancellationToken))
            return new BatchReceipt(verdicts);
        await _claiming; // a claim under way ends soon, and spares the part another delivery
        return await _pipeline.AcceptAsync(frontend, head, part.Frames, verdicts, cancellationToken)
            ? new BatchReceipt(verdicts)
            : BatchReceipt.Uniform(part.EventCount, EventVerdict.Retry);
    }

    public Task<ShardStatus> GetStatusAsync()
    {
        var (events, _, window) = _pipeline.Remembered;
        var (firstSights, repetitions) = _pipeline.Counted;
        return Task.FromResult(new ShardStatus(Shard, owners.Local.ToString(), _pipeline.Epoch, events, window, firstSights, repetitions));
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)this.GetPrimaryKeyLong(), (ulong)shards.ShardCount, "shard");
        var claim = await journal.ClaimAsync(Shard, cancellationToken);
        _memory = memories.Create(claim, _carried.ToArray(), out var isCarriedGood);
        if (!isCarriedGood)
            LogCarriedUnreadable(Shard);
        LogClaimed(Shard, claim.Epoch, claim.Marks.Count, _carried.Length);
        _carried = default;
        Open(claim);
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(owners.LookPeriod, owners.LookPeriod) { Interleave = true });
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_pipeline is null)
            return; // the claim failed
        shards.Remove(Shard, _pipeline);
        await _pipeline.CloseAsync().WaitAsync(cancellationToken);
        _isAtRest = true;
        if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown && owners.FindOther(map.QueueOf(Shard)) is { } owner)
            this.MigrateOnIdle();
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (_isAtRest)
            dehydrationContext.AddBytes(
                SnapshotKey, static (carried, target) => ShardMemorySnapshot.Write(carried._memory, carried.Format, target), (_memory, journal.Parameters.Format));
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetBytes(SnapshotKey, out var snapshot))
            _carried = new ReadOnlySequence<byte>(snapshot.ToArray());
    }

    private void Open(ShardClaim claim)
    {
        _pipeline = new ShardPipeline(Shard, claim.Epoch, _memory, journal, sources, metrics);
        shards.Add(Shard, _pipeline);
        _ = WatchAsync(_pipeline);
    }

    /// <summary>Acts when a pipeline's epoch is worth nothing any more.</summary>
    private async Task WatchAsync(ShardPipeline pipeline)
    {
        var status = await pipeline.Lost;
        shards.Remove(Shard, pipeline);
        if (status == AppendStatus.StaleEpoch)
        {
            LogLost(Shard, pipeline.Epoch);
            DeactivateOnIdle();
            return;
        }
        _claiming = ClaimAgainAsync(pipeline);
        await _claiming;
    }

    /// <summary>Learns from the journal what became of the write that had no answer, under an epoch in which it can no longer happen.</summary>
    private async Task ClaimAgainAsync(ShardPipeline pipeline)
    {
        try
        {
            await pipeline.CloseAsync();
            if (_isAtRest)
                return; // leaving; whoever comes next claims
            var claim = await journal.ClaimAsync(Shard, CancellationToken.None);
            _memory.Restore(claim);
            LogClaimed(Shard, claim.Epoch, claim.Marks.Count, 0);
            Open(claim);
        }
        catch (Exception trouble) // the store is away: the next part starts the shard anew
        {
            LogClaimFailed(trouble, Shard);
            DeactivateOnIdle();
        }
    }

    private Task LookAsync(CancellationToken cancellationToken)
    {
        _pipeline.Expire(ExpiriesPerLook);
        if (owners.FindOther(map.QueueOf(Shard)) is not null)
            this.MigrateOnIdle();
        return Task.CompletedTask;
    }

    [LoggerMessage(EventIds.ShardClaimed, LogLevel.Debug, "Shard {Shard} is here under epoch {Epoch}: {MarkCount} marks read, {CarriedBytes} bytes carried along")]
    private partial void LogClaimed(int shard, long epoch, int markCount, long carriedBytes);

    [LoggerMessage(EventIds.ShardLost, LogLevel.Warning, "Shard {Shard} was claimed elsewhere after epoch {Epoch}; it stops here")]
    private partial void LogLost(int shard, long epoch);

    [LoggerMessage(EventIds.ShardClaimFailed, LogLevel.Warning, "Shard {Shard} could not be claimed again; it stops here")]
    private partial void LogClaimFailed(Exception trouble, int shard);

    [LoggerMessage(EventIds.ShardCarriedUnreadable, LogLevel.Warning, "Shard {Shard} came with a memory that this release cannot read; the journal's marks are used")]
    private partial void LogCarriedUnreadable(int shard);
}
