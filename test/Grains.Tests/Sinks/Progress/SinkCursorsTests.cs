using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Tests.Streaming;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Progress;

public sealed class SinkCursorsTests
{
    private readonly MemoryJournal _journal = new(queues: 2);

    private SinkCursors Cursors => new(_journal, NullLogger<SinkCursors>.Instance);

    [Fact]
    public async Task FirstSinks_StartAtTheOldestEvent()
    {
        await AppendAsync("a");

        await Cursors.InitializeAsync(["first", "second"], Token);

        Assert.Equal((0, 1), await ProgressAsync("first"));
        Assert.Equal((0, 1), await ProgressAsync("second"));
        Assert.Equal(4, (await _journal.ListProgressAsync(Token)).Count);
    }

    [Fact]
    public async Task SinkThatJoinsLater_StartsNow()
    {
        await Cursors.InitializeAsync(["first"], Token);
        await AppendAsync("a");

        await Cursors.InitializeAsync(["first", "second"], Token);

        Assert.Equal((0, 1), await ProgressAsync("first"));
        var end = (await _journal.GetEndAsync(0, Token)).Position.Offset;
        Assert.Equal((end, 0), await ProgressAsync("second"));
    }

    [Fact]
    public async Task StoredProgress_IsLeftAlone()
    {
        await Cursors.InitializeAsync(["first"], Token);
        var stored = (await _journal.ReadProgressAsync("first", 0, Token))! with { Position = new JournalPosition(1, 5) };
        await _journal.SaveProgressAsync(stored, Token);

        await Cursors.InitializeAsync(["first"], Token);

        Assert.Equal(stored.Position, (await Cursors.EnsureAsync("first", 0, Token)).Position);
    }

    [Theory]
    [InlineData(true, 0, 1)]
    [InlineData(false, null, 0)]
    public async Task Restart_GoesWhereItIsTold(bool isOldest, int? offset, int pending)
    {
        var start = isOldest ? CursorStart.Oldest : CursorStart.Now;
        await Cursors.InitializeAsync(["first"], Token);
        await AppendAsync("a");
        _journal.Incarnation = 2;

        await Cursors.RestartAsync("first", start, Token);

        var end = (await _journal.GetEndAsync(0, Token)).Position.Offset;
        Assert.Equal((offset ?? end, pending), await ProgressAsync("first"));
        Assert.Equal(2, (await _journal.ReadProgressAsync("first", 0, Token))!.Position.Incarnation);
    }

    [Fact]
    public async Task ReleasedSink_HoldsNothingBack()
    {
        await Cursors.InitializeAsync(["first", "left"], Token);

        await Cursors.ReleaseAsync("left", Token);

        Assert.DoesNotContain(await _journal.ListProgressAsync(Token), progress => progress.Sink == "left");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task AppendAsync(string id) => _journal.AppendAsync(AFrame.Append(0, AFrame.Of(id)), Token).AsTask();

    /// <summary>Position and pending events of a sink in queue 0.</summary>
    private async Task<(long Offset, long Pending)> ProgressAsync(string sink)
    {
        var progress = (await _journal.ReadProgressAsync(sink, 0, Token))!;
        var ledger = LossLedger.Parse(progress.Ledger);
        return (progress.Position.Offset, ledger.CountPending((await _journal.GetEndAsync(0, Token)).Accepted));
    }
}
