using Divolte.Grains.Journal;
using Divolte.TestKit.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Journal;

/// <summary>What is freed, and what never is.</summary>
public sealed class RetentionTests : IAsyncDisposable
{
    private readonly JournalRig _rig = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public RetentionTests() => _rig.Options = _rig.Options with { DuplicateMemorySize = 10, DuplicateCapacity = 1000 };

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task ConfirmedSegments_AreFreedAndTheirMarksKept()
    {
        await AppendAsync(1, 100);
        await _rig.ConfirmAllAsync();
        var before = _rig.Segments.Count();

        _rig.Tick();

        Assert.Single(_rig.Segments);
        Assert.Equal(before - 1, _rig.Summaries.Count());
        Assert.Equal(100, (await _rig.Journal.ClaimAsync(1, Cancellation)).Marks.Count);
        await _rig.CutPowerAsync();
        var claim = await _rig.ClaimAsync(1);
        Assert.Equal(100, claim.Marks.Count);
        Assert.Equal(100, claim.Redeliveries.Single().Appended.Count);
        Assert.Equal(100, (await _rig.Journal.GetEndAsync(1, Cancellation)).Accepted.Single().Events);
    }

    [Fact]
    public async Task ClaimAfterACrash_HasTheMarksInOrder()
    {
        await AppendAsync(1, 60);
        var before = (await _rig.Journal.ClaimAsync(1, Cancellation)).Marks;

        await _rig.CutPowerAsync();

        Assert.Equal(60, before.Count);
        Assert.Equal(before, (await _rig.ClaimAsync(1)).Marks);
    }

    [Fact]
    public async Task MarksBeyondWindowAndMemory_AreFreed()
    {
        await AppendAsync(1, 100);
        await _rig.ConfirmAllAsync();
        _rig.Tick();
        var before = _rig.Summaries.Count();

        _rig.Time.Advance(_rig.Options.DuplicateWindow + TimeSpan.FromSeconds(2));

        Assert.InRange(_rig.Summaries.Count(), 1, before - 1);
        Assert.InRange((await _rig.Journal.ClaimAsync(1, Cancellation)).Marks.Count, 10, 99);
    }

    [Fact]
    public async Task MarksBeyondTheCapacity_AreFreedWhateverTheirAge()
    {
        _rig.Options = _rig.Options with { DuplicateCapacity = 30 };
        await AppendAsync(1, 100);
        await _rig.ConfirmAllAsync();

        _rig.Tick();

        Assert.InRange((await _rig.Journal.ClaimAsync(1, Cancellation)).Marks.Count, 30, 60);
    }

    [Fact]
    public async Task IdleQueue_HoldsNothingBack()
    {
        await _rig.AppendAsync(2, "only one");
        await _rig.ConfirmAsync(2);
        await AppendAsync(1, 100);
        for (var queue = 0; queue < 4; queue++)
        {
            if (queue != 2)
                await _rig.ConfirmAsync(queue);
        }

        _rig.Tick();

        Assert.Single(_rig.Segments);
    }

    [Fact]
    public async Task SlowestSinkOfAnyQueue_HoldsBack()
    {
        await AppendAsync(1, 100);
        await _rig.AppendAsync(2, "last");
        await _rig.ConfirmAllAsync("fast");
        await _rig.Journal.SaveProgressAsync(new SinkProgress("slow", 1, new JournalPosition(_rig.Journal.Incarnation, 0), default), Cancellation);
        var before = _rig.Segments.Count();

        _rig.Tick();
        Assert.Equal(before, _rig.Segments.Count());

        await _rig.Journal.ReleaseAsync("slow", Cancellation);
        _rig.Tick();
        Assert.Single(_rig.Segments);
    }

    [Fact]
    public async Task QueueWithoutProgress_HoldsBack()
    {
        await AppendAsync(1, 100);
        await _rig.AppendAsync(2, "nobody has read this");
        await AppendAsync(1, 100);
        await _rig.ConfirmAsync(1);

        _rig.Tick();

        Assert.Equal(["nobody has read this"], await _rig.ReadAsync(2));
    }

    [Fact]
    public async Task ProgressOfAnotherIncarnation_HoldsEverything()
    {
        await AppendAsync(1, 100);
        await _rig.ConfirmAllAsync();
        var foreign = new JournalPosition(_rig.Journal.Incarnation - 1, long.MaxValue);
        await _rig.Journal.SaveProgressAsync(new SinkProgress("foreign", 1, foreign, default), Cancellation);
        var before = _rig.Segments.Count();

        _rig.Tick();

        Assert.Equal(before, _rig.Segments.Count());
    }

    [Fact]
    public async Task NoProgressAtAll_FreesNothingUnlessToldSo()
    {
        await AppendAsync(1, 100);
        var before = _rig.Segments.Count();
        _rig.Tick();
        Assert.Equal(before, _rig.Segments.Count());

        _rig.Options = _rig.Options with { RetainWithoutSinks = false };
        await _rig.ReopenAsync();
        _rig.Tick();

        Assert.Single(_rig.Segments);
        var page = await _rig.Journal.ReadAsync(2, new JournalPosition(_rig.Journal.Incarnation, 0), 1000, Cancellation);
        Assert.Empty(page.Entries);
    }

    [Fact]
    public async Task ReaderBehindFreedEntries_GoesOnAtTheEndOfItsQueue()
    {
        await _rig.AppendAsync(2, "freed");
        await AppendAsync(1, 100);
        await _rig.ConfirmAllAsync();
        _rig.Tick();
        var start = new JournalPosition(_rig.Journal.Incarnation, 0);

        var page = await _rig.Journal.ReadAsync(2, start, 1000, Cancellation);

        Assert.Empty(page.Entries);
        Assert.False(_rig.Journal.WaitAsync(2, page.Next, Cancellation).AsTask().IsCompleted);
    }

    [Fact]
    public async Task PageThatIsStillHeld_SurvivesTheFreeing()
    {
        await AppendAsync(1, 100);
        var page = await _rig.Journal.ReadAsync(1, new JournalPosition(_rig.Journal.Incarnation, 0), 4000, Cancellation);
        var before = AnAppend.EventIds(page.Entries[0]).Single();
        await _rig.ConfirmAllAsync();

        _rig.Tick();

        Assert.Equal(before, AnAppend.EventIds(page.Entries[0]).Single());
    }

    [Fact]
    public async Task UnsyncedProgress_FreesNothing()
    {
        await AppendAsync(1, 100);
        await _rig.ConfirmAllAsync();
        _rig.Files.SyncsToFail = 1;
        var before = _rig.Segments.Count();

        _rig.Tick();

        Assert.Equal(before, _rig.Segments.Count());
    }

    [Fact]
    public async Task Bytes_AreCountedAndShrinkWithFreeing()
    {
        await AppendAsync(1, 100);
        var before = _rig.Journal.Health.BytesStored;
        await _rig.ConfirmAllAsync();

        _rig.Tick();

        Assert.InRange(before, 100 * 800, 200_000);
        Assert.InRange(_rig.Journal.Health.BytesStored, 1, before / 2);
    }

    private async Task AppendAsync(int shard, int count)
    {
        for (var number = 0; number < count; number++)
            await _rig.AppendAsync(shard, $"{number}", padding: 500);
    }
}
