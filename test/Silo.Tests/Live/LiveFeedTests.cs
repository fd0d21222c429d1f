using System.Text.Json;
using Divolte.Silo.Live;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Silo.Tests.Live;

public sealed class LiveFeedTests
{
    private readonly FakeTimeProvider _time = new();
    private int _collected;

    [Fact]
    public async Task Viewer_GetsASnapshotAtOnceAndOneASecond()
    {
        var feed = Feed();
        var viewer = feed.Join()!;
        Assert.Equal(1, await ReadAsync(viewer));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, await ReadAsync(viewer));
        feed.Leave(viewer);
    }

    [Fact]
    public async Task TwoViewers_AreServedByOneCollection()
    {
        var feed = Feed();
        var first = feed.Join()!;
        await ReadAsync(first);
        var second = feed.Join()!;

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((2, 2), (await ReadAsync(first), await ReadAsync(second)));
    }

    [Fact]
    public async Task Trouble_IsOverWithTheNextSnapshot()
    {
        var feed = new LiveFeed(
            _ => ++_collected == 1 ? Task.FromException<LiveSnapshot>(new TimeoutException("the store is away")) : Task.FromResult(Snapshot(_collected)),
            _time,
            NullLogger<LiveFeed>.Instance);
        var viewer = feed.Join()!;

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, await ReadAsync(viewer));
    }

    [Fact]
    public async Task NobodyWatches_NothingIsCollected()
    {
        var feed = Feed();
        var viewer = feed.Join()!;
        await ReadAsync(viewer);
        feed.Leave(viewer);

        for (var second = 0; second < 10; second++)
            _time.Advance(TimeSpan.FromSeconds(1));
        await feed.Running.WaitAsync(TestContext.Current.CancellationToken); // whoever joins before would be served by the next tick

        Assert.Equal(1, _collected);
        Assert.Equal(2, await ReadAsync(feed.Join()!));
    }

    [Fact]
    public async Task SlowViewer_FindsTheLatestSnapshots()
    {
        var feed = Feed();
        var quick = feed.Join()!;
        var slow = feed.Join()!;
        for (var second = 0; second < 5; second++)
        {
            await ReadAsync(quick);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        var latest = await ReadAsync(quick);

        Assert.Equal([latest - 1, latest], [await ReadAsync(slow), await ReadAsync(slow)]);
        Assert.False(slow.Reader.TryRead(out _));
    }

    [Fact]
    public void TooManyViewers_AreRefused()
    {
        var feed = Feed();
        var viewers = Enumerable.Range(0, LiveFeed.ViewersMax).Select(_ => feed.Join()!).ToList();

        Assert.Null(feed.Join());

        feed.Leave(viewers[0]);
        Assert.NotNull(feed.Join());
    }

    private LiveFeed Feed() => new(_ => Task.FromResult(Snapshot(++_collected)), _time, NullLogger<LiveFeed>.Instance);

    private static LiveSnapshot Snapshot(int repetitions) =>
        new(DateTimeOffset.UnixEpoch, "", "", null, "", new Dictionary<string, long>(), [], [], 0, repetitions, [], [], [], [], []);

    /// <summary>The number of the snapshot.</summary>
    private static async Task<int> ReadAsync(System.Threading.Channels.Channel<byte[]> viewer)
    {
        var json = await viewer.Reader.ReadAsync(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(json).RootElement.GetProperty("repetitions").GetInt32();
    }
}
