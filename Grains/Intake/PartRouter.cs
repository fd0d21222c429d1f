using System.Buffers;
using Divolte.Grains.Deduplication;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Divolte.Grains.Intake;

/// <summary>Calls one shard's grain, wherever it is.</summary>
internal delegate Task<BatchReceipt> AskShard(int shard, Guid frontend, ShardPart part, CancellationToken cancellationToken);

/// <summary>Hands a batch to another silo.</summary>
internal delegate Task<BatchReceipt> ForwardBatch(SiloAddress silo, EventBatch batch, CancellationToken cancellationToken);

/// <summary>
/// Brings each part of a batch to its shard and collects the verdicts: directly when the shard is active on this silo, else in one batch to the silo that
/// owns it, else by a grain call, which starts the shard. Trouble on the way is a retry for the part, never an error for the batch. Thread-safe.
/// </summary>
internal sealed partial class PartRouter(
    LocalShards shards, Func<int, SiloAddress?> remoteOwnerOf, AskShard askShard, ForwardBatch forward, GridMetrics metrics, ILogger<PartRouter> logger)
{
    /// <summary>Gives every event of a batch its verdict.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="mayForward">False for a batch that was forwarded already: silos that disagree about owners must not play ball with it.</param>
    /// <param name="cancellationToken">Ends the waiting for room in the journal.</param>
    /// <exception cref="InvalidDataException">The batch is not whole parts of existing shards. Nothing was written.</exception>
    public async Task<BatchReceipt> AcceptAsync(EventBatch batch, bool mayForward, CancellationToken cancellationToken)
    {
        Check(batch);
        using var activity = BatchActivities.StartIntake(batch.EventCount, isForwarded: !mayForward);
        var verdicts = new byte[batch.EventCount];
        await Task.WhenAll(Route(batch, verdicts, mayForward, cancellationToken));
        return new BatchReceipt(verdicts);
    }

    private List<Task> Route(EventBatch batch, byte[] verdicts, bool mayForward, CancellationToken cancellationToken)
    {
        var running = new List<Task>();
        List<ForwardedBatch>? forwarded = null;
        var reader = new EventBatchReader(batch.Parts);
        shards.BeginGroup();
        try
        {
            for (var first = 0; reader.MoveNext(); first += reader.Head.EventCount)
            {
                var part = new RoutedPart(batch.Frontend, reader.Head, reader.Frames, verdicts.AsMemory(first, reader.Head.EventCount));
                if (shards.Find(part.Head.Shard) is { } pipeline)
                    running.Add(AcceptHereAsync(pipeline, part, cancellationToken));
                else if (mayForward && remoteOwnerOf(part.Head.Shard) is { } owner)
                    ForwardedBatch.To(owner, forwarded ??= []).Add(part);
                else
                    running.Add(AskAsync(part, cancellationToken));
            }
        }
        finally
        {
            shards.EndGroup();
        }
        foreach (var other in forwarded ?? [])
            running.Add(ForwardAsync(other, cancellationToken));
        return running;
    }

    private void Check(EventBatch batch)
    {
        var events = 0;
        for (var reader = new EventBatchReader(batch.Parts); reader.MoveNext();)
        {
            if (reader.Head.Shard >= shards.ShardCount)
                throw new InvalidDataException($"A batch is for shard {reader.Head.Shard}; the cluster has {shards.ShardCount}.");
            events += reader.Head.EventCount;
        }
        if (events != batch.EventCount)
            throw new InvalidDataException($"A batch of {batch.EventCount} events has parts of {events}.");
    }

    private async Task AcceptHereAsync(ShardPipeline pipeline, RoutedPart part, CancellationToken cancellationToken)
    {
        try
        {
            // Only the whole batch goes on in the calling grain: its parts need nothing of it.
            if (await pipeline.AcceptAsync(part.Frontend, part.Head, part.Frames, part.Verdicts, cancellationToken).ConfigureAwait(false))
            {
                metrics.CountParts(PartRoute.Direct, 1);
                return;
            }
        }
        catch (Exception trouble) // one part's trouble, the journal's or its own, must not take the others along
        {
            Fail(part, trouble);
            return;
        }
        await AskAsync(part, cancellationToken); // closed: it is moving, or being claimed anew
    }

    private async Task AskAsync(RoutedPart part, CancellationToken cancellationToken)
    {
        try
        {
            var shardPart = new ShardPart
            {
                EventCount = part.Head.EventCount,
                Sequence = part.Head.Sequence,
                SettledBelow = part.Head.SettledBelow,
                Frames = part.Frames,
            };
            var receipt = await askShard(part.Head.Shard, part.Frontend, shardPart, cancellationToken);
            receipt.Verdicts.CopyTo(part.Verdicts);
            metrics.CountParts(PartRoute.Grain, 1);
        }
        catch (Exception trouble) // moving, rejected, timed out: what became of it is learned by the next delivery
        {
            Fail(part, trouble);
        }
    }

    private async Task ForwardAsync(ForwardedBatch other, CancellationToken cancellationToken)
    {
        try
        {
            var receipt = await forward(other.Silo, other.ToBatch(), cancellationToken);
            other.Take(receipt);
            metrics.CountParts(PartRoute.Forwarded, other.Parts.Count);
        }
        catch (Exception trouble) // the silo is leaving or dead
        {
            foreach (var part in other.Parts)
                Fail(part, trouble);
        }
    }

    private void Fail(RoutedPart part, Exception trouble)
    {
        part.Verdicts.Span.Fill((byte)EventVerdict.Retry);
        metrics.CountParts(PartRoute.Failed, 1);
        LogPartFailed(trouble, part.Head.Shard, part.Head.Sequence, part.Frontend);
    }

    [LoggerMessage(EventIds.PartFailed, LogLevel.Debug, "Part {Sequence} of frontend {Frontend} did not reach shard {Shard}; it will be delivered again")]
    private partial void LogPartFailed(Exception trouble, int shard, long sequence, Guid frontend);
}

/// <summary>One part on its way, with the place of its verdicts in the batch's receipt.</summary>
internal readonly record struct RoutedPart(Guid Frontend, BatchPartHead Head, ReadOnlyMemory<byte> Frames, Memory<byte> Verdicts);
