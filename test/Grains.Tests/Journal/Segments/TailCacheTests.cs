using Divolte.Grains.Journal.Segments;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Segments;

public sealed class TailCacheTests
{
    private readonly TailCache _cache = new(bytesMax: 200_000);

    [Fact]
    public void ReservedBytes_ShowOnlyWhenCommitted()
    {
        _cache.Reserve(0, 10).Fill(1);
        Assert.False(_cache.TryGet(0, 10, out _));

        _cache.Commit();

        Assert.True(_cache.TryGet(0, 10, out var bytes));
        Assert.Equal(Enumerable.Repeat((byte)1, 10), bytes.ToArray());
        Assert.False(_cache.TryGet(0, 11, out _));
    }

    [Fact]
    public void Pieces_AreWhatWasReservedSinceTheLastCommit()
    {
        _cache.Reserve(0, 10).Fill(1);
        _cache.Commit();
        _cache.Reserve(10, 20).Fill(2);
        _cache.Reserve(30, 100_000).Fill(3);

        var bytes = _cache.Pieces.SelectMany(piece => piece.ToArray()).ToArray();

        Assert.Equal(2, _cache.Pieces.Count);
        Assert.Equal([.. Enumerable.Repeat((byte)2, 20), .. Enumerable.Repeat((byte)3, 100_000)], bytes);
    }

    [Fact]
    public void Rollback_TakesBackAndStartsAtAnotherPlace()
    {
        _cache.Reserve(0, 10).Fill(1);
        _cache.Commit();
        _cache.Reserve(10, 10).Fill(2);
        _cache.Rollback();
        _cache.Reserve(4096, 10).Fill(3);
        _cache.Commit();

        Assert.True(_cache.TryGet(0, 10, out _));
        Assert.False(_cache.TryGet(10, 10, out _));
        Assert.True(_cache.TryGet(4096, 10, out var bytes));
        Assert.Equal(3, bytes.Span[0]);
    }

    [Fact]
    public void BeyondTheBound_TheOldestGo()
    {
        for (var at = 0; at < 10; at++)
        {
            _cache.Reserve(at * 70_000L, 70_000);
            _cache.Commit();
        }

        Assert.False(_cache.TryGet(0, 10, out _));
        Assert.True(_cache.TryGet(9 * 70_000L, 70_000, out _));
        Assert.True(_cache.TryGet(8 * 70_000L, 70_000, out _));
    }
}
