using System.Net;
using Divolte.Grains.Deduplication;
using Divolte.Grains.Intake;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Telemetry;
using Divolte.Grains.Tests.Deduplication;
using Divolte.TestKit;
using Divolte.TestKit.Deduplication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Xunit;

namespace Divolte.Grains.Tests.Intake;

public sealed class PartRouterTests : IDisposable
{
    private static readonly SiloAddress Other = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

    private readonly ShardMap _map = new(8, 4);
    private readonly FakeTimeProvider _time = new();
    private readonly GridMetrics _metrics = new();
    private readonly ScriptedJournal _journal;
    private readonly LocalShards _shards;
    private readonly List<(int Shard, ShardPart Part)> _asked = [];
    private readonly List<EventBatch> _forwarded = [];
    private readonly HashSet<int> _ownedByOther = [];
    private Func<BatchReceipt> _answer = () => throw new TimeoutException("nobody answers");

    public PartRouterTests()
    {
        _journal = new ScriptedJournal(_time);
        _shards = new LocalShards(_map, _journal, TimeSpan.FromMinutes(10), _metrics);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task PartsOfActiveShards_AreAnsweredInBatchOrder()
    {
        await ActivateAsync(2);
        await ActivateAsync(5);

        var receipt = await Router().AcceptAsync(Batch((5, ["a", "a"]), (2, ["b"])), mayForward: true, Cancellation);

        Assert.Equal([EventVerdict.Accepted, EventVerdict.Duplicate, EventVerdict.Accepted], VerdictsOf(receipt));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task ShardThatIsNotActive_IsAskedByItsGrain()
    {
        _answer = () => BatchReceipt.Uniform(1, EventVerdict.Accepted);

        var receipt = await Router().AcceptAsync(Batch((3, ["a"])), mayForward: true, Cancellation);

        Assert.Equal([EventVerdict.Accepted], VerdictsOf(receipt));
        Assert.Equal(3, _asked.Single().Shard);
        Assert.Equal(7, _asked.Single().Part.Sequence);
    }

    [Fact]
    public async Task ClosedPipeline_LeadsToTheGrain()
    {
        await (await ActivateAsync(2)).CloseAsync();
        _answer = () => BatchReceipt.Uniform(1, EventVerdict.Accepted);

        var receipt = await Router().AcceptAsync(Batch((2, ["a"])), mayForward: true, Cancellation);

        Assert.Equal([EventVerdict.Accepted], VerdictsOf(receipt));
        Assert.Single(_asked);
    }

    [Fact]
    public async Task PartsOfAnotherSilo_GoTogether_OnlyOnce()
    {
        _ownedByOther.UnionWith([1, 3]);
        await ActivateAsync(2);
        _answer = () => new BatchReceipt([(byte)EventVerdict.Duplicate, (byte)EventVerdict.Retry, (byte)EventVerdict.Accepted]);

        var receipt = await Router().AcceptAsync(Batch((1, ["a"]), (2, ["b"]), (3, ["c", "d"])), mayForward: true, Cancellation);

        Assert.Equal([EventVerdict.Duplicate, EventVerdict.Accepted, EventVerdict.Retry, EventVerdict.Accepted], VerdictsOf(receipt));
        Assert.Equal(3, Assert.Single(_forwarded).EventCount);
        var reader = new EventBatchReader(_forwarded[0].Parts);
        Assert.True(reader.MoveNext());
        Assert.Equal(new BatchPartHead(1, 1, 7, 7), reader.Head);
    }

    [Fact]
    public async Task ForwardedBatch_IsNotForwardedAgain()
    {
        _ownedByOther.Add(1);
        _answer = () => BatchReceipt.Uniform(1, EventVerdict.Accepted);

        await Router().AcceptAsync(Batch((1, ["a"])), mayForward: false, Cancellation);

        Assert.Empty(_forwarded);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task TroubleOnOnePartsWay_IsARetryForThatPart()
    {
        await ActivateAsync(2);
        _ownedByOther.Add(4);

        var receipt = await Router().AcceptAsync(Batch((1, ["a"]), (2, ["b"]), (4, ["c"])), mayForward: true, Cancellation);

        Assert.Equal([EventVerdict.Retry, EventVerdict.Accepted, EventVerdict.Retry], VerdictsOf(receipt));
    }

    [Fact]
    public async Task BatchThatIsNotWhole_IsRefused()
    {
        var batch = Batch((1, ["a"]));

        await Assert.ThrowsAsync<InvalidDataException>(() => Router().AcceptAsync(batch with { EventCount = 2 }, true, Cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(() => Router().AcceptAsync(batch with { Parts = batch.Parts[..^1] }, true, Cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(() => Router().AcceptAsync(Batch((8, ["a"])), true, Cancellation));
    }

    private PartRouter Router() => new(
        _shards,
        shard => _ownedByOther.Contains(shard) ? Other : null,
        (shard, _, part, _) =>
        {
            _asked.Add((shard, part));
            return Task.FromResult(_answer());
        },
        (_, batch, _) =>
        {
            _forwarded.Add(batch);
            return Task.FromResult(_answer());
        },
        _metrics,
        NullLogger<PartRouter>.Instance);

    private async Task<ShardPipeline> ActivateAsync(int shard)
    {
        var claim = await _journal.ClaimAsync(shard, Cancellation);
        var memories = new ShardMemories(new GridOptions(), new MapperOptions(), _map, _time, seed: 1);
        var pipeline = new ShardPipeline(shard, claim.Epoch, memories.Create(claim, [], out _), _journal, new SourceTally(), _metrics);
        _shards.Add(shard, pipeline);
        return pipeline;
    }

    private static EventBatch Batch(params (int Shard, string[] Events)[] parts)
    {
        var bytes = new List<byte>();
        foreach (var (shard, events) in parts)
        {
            byte[] frames = [.. events.SelectMany(id => AFrame.Of(id))];
            var head = new byte[EventBatchReader.HeadLength];
            EventBatchReader.WriteHead(head, new BatchPartHead(shard, events.Length, 7, 7), frames.Length);
            bytes.AddRange([.. head, .. frames]);
        }
        return new EventBatch { Frontend = APart.FrontendA, Parts = bytes.ToArray(), EventCount = parts.Sum(part => part.Events.Length) };
    }

    private static EventVerdict[] VerdictsOf(BatchReceipt receipt) => [.. receipt.Verdicts.Select(verdict => (EventVerdict)verdict)];
}
