using System.Buffers;
using Divolte.Grains.Deduplication;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using Divolte.Grains.Telemetry;
using Divolte.TestKit.Deduplication;

namespace Divolte.Silo.Tests.Redelivery;

/// <summary>
/// The shards behind a network that loses, repeats and reorders calls and answers, over a journal whose writes fail or stay unanswered. Shards crash or move
/// at any time, and calls find activations that are shards no longer. Nothing runs by itself.
/// </summary>
internal sealed class SimulatedGrid
{
    private readonly Random _random;
    private readonly ShardMemories _memories;
    private readonly GridMetrics _metrics;
    private readonly SourceTally _sources = new();
    private readonly List<Action> _network = [];
    private readonly List<ShardPipeline>[] _activations;
    private readonly Dictionary<ShardPipeline, ShardMemory> _memoryOf = [];

    public SimulatedGrid(Random random, ShardMap shards, TimeProvider time, GridMetrics metrics)
    {
        _random = random;
        _metrics = metrics;
        Journal = new ScriptedJournal(time) { IsManual = true };
        _memories = new ShardMemories(new GridOptions(), new MapperOptions(), shards, time, seed: 1);
        _activations = [.. Enumerable.Range(0, shards.Shards).Select(_ => new List<ShardPipeline>())];
        for (var shard = 0; shard < shards.Shards; shard++)
            Activate(shard, []);
    }

    public ScriptedJournal Journal { get; }

    /// <summary>Whether nothing is lost, repeated or failed any more.</summary>
    public bool IsHealed { get; set; }

    /// <summary>Whether the journal may refuse a write: then a frontend gives up what it was told is not written.</summary>
    public bool CanBeUnavailable { get; init; } = true;

    /// <summary>The first exception where none may be; null when there was none.</summary>
    public Exception? Trouble { get; private set; }

    public int MessagesOnTheWay => _network.Count;

    /// <summary>A frontend's call.</summary>
    public Task<BatchReceipt> SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<BatchReceipt>();
        if (!IsHealed && _random.Next(10) == 0)
        {
            // Only a wire repeats a call, and what comes over a wire is a copy: the first answer lets the frontend use its array again.
            batch = batch with { Parts = batch.Parts.ToArray() };
            var again = batch with { Parts = batch.Parts.ToArray() };
            _network.Add(() => Run(HandleAsync(again, answer)));
        }
        _network.Add(() => Run(HandleAsync(batch, answer)));
        return answer.Task;
    }

    /// <summary>Lets one message arrive, or get lost; any of them may be the next.</summary>
    public void Deliver()
    {
        if (_network.Count == 0)
            return;
        var index = IsHealed ? 0 : _random.Next(_network.Count);
        var message = _network[index];
        _network.RemoveAt(index);
        if (IsHealed || _random.Next(6) != 0)
            message();
    }

    /// <summary>Ends one write.</summary>
    public void Write()
    {
        var waiting = Journal.WaitingAppends.Count;
        if (waiting == 0)
            return;
        var dice = IsHealed ? 0 : _random.Next(20);
        var status = dice switch
        {
            < 14 => AppendStatus.Appended,
            < 17 when CanBeUnavailable => AppendStatus.Unavailable,
            _ => AppendStatus.Unknown,
        };
        Journal.Decide(status, isWritten: _random.Next(2) == 0, index: IsHealed ? 0 : _random.Next(waiting));
    }

    /// <summary>A shard's process dies, or hands the shard over.</summary>
    public void Move()
    {
        var shard = _random.Next(_activations.Length);
        if (_random.Next(2) == 0)
            Activate(shard, []);
        else
            Run(HandOverAsync(shard, _activations[shard][^1]));
    }

    /// <summary>Starts what nobody awaits; <see cref="Trouble"/> shows how it ended.</summary>
    private void Run(Task task) => _ = task.ContinueWith(
        ended => Trouble ??= ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async Task HandOverAsync(int shard, ShardPipeline leaving)
    {
        await leaving.CloseAsync();
        var snapshot = new ArrayBufferWriter<byte>();
        ShardMemorySnapshot.Write(_memoryOf[leaving], GridFormat.Latest, snapshot);
        if (_activations[shard][^1] == leaving)
            Activate(shard, snapshot.WrittenSpan);
    }

    private void Activate(int shard, ReadOnlySpan<byte> snapshot)
    {
        var claim = Journal.Claim(shard);
        var memory = _memories.Create(claim, snapshot, out _);
        var pipeline = new ShardPipeline(shard, claim.Epoch, memory, Journal, _sources, _metrics, staysInContext: true);
        _memoryOf[pipeline] = memory;
        _activations[shard].Add(pipeline);
        Run(WatchAsync(shard, pipeline));
    }

    private async Task WatchAsync(int shard, ShardPipeline pipeline)
    {
        await pipeline.Lost;
        if (_activations[shard][^1] == pipeline)
            Activate(shard, []);
    }

    private async Task HandleAsync(EventBatch batch, TaskCompletionSource<BatchReceipt> answer)
    {
        var verdicts = new byte[batch.EventCount];
        var parts = new List<Task>();
        var reader = new EventBatchReader(batch.Parts);
        for (var first = 0; reader.MoveNext(); first += reader.Head.EventCount)
            parts.Add(AcceptAsync(batch.Frontend, reader.Head, reader.Frames, verdicts.AsMemory(first, reader.Head.EventCount)));
        await Task.WhenAll(parts);
        _network.Add(() => answer.TrySetResult(new BatchReceipt(verdicts)));
    }

    private async Task AcceptAsync(Guid frontend, BatchPartHead head, ReadOnlyMemory<byte> frames, Memory<byte> verdicts)
    {
        var activations = _activations[head.Shard];
        var pipeline = IsHealed || _random.Next(8) != 0 ? activations[^1] : activations[_random.Next(activations.Count)];
        if (!await pipeline.AcceptAsync(frontend, head, frames, verdicts, CancellationToken.None))
            verdicts.Span.Fill((byte)EventVerdict.Retry);
    }
}
