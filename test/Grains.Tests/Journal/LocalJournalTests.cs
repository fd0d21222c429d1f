using Divolte.Grains.Journal;
using Divolte.TestKit.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Journal;

public sealed class LocalJournalTests : IAsyncDisposable
{
    private readonly JournalRig _rig = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task AppendsThatWaitTogether_ShareOneWriteAndOneSync()
    {
        await _rig.AppendAsync(1, "first");
        await _rig.ClaimAsync(2);
        var (syncs, writes) = (_rig.Files.Syncs, _rig.Files.Writes);
        var pending = new List<Task<AppendOutcome>>();
        using (var held = new HeldSync(_rig.Files))
        {
            pending.Add(await _rig.StartAsync(1, "under way"));
            await held.Entered;
            for (var number = 0; number < 20; number++)
                pending.Add(await _rig.StartAsync(1 + (number % 2), $"{number}"));
        }

        var outcomes = await Task.WhenAll(pending);

        Assert.All(outcomes, outcome => Assert.Equal(AppendStatus.Appended, outcome.Status));
        Assert.Equal(2, _rig.Files.Syncs - syncs);
        Assert.Equal(2, _rig.Files.Writes - writes);
    }

    [Fact]
    public async Task AppendsOfOneGroup_ShareOneWriteAndOneSync()
    {
        await _rig.ClaimAsync(1);
        await _rig.ClaimAsync(2);
        var (syncs, writes) = (_rig.Files.Syncs, _rig.Files.Writes);
        var pending = new List<Task<AppendOutcome>>();

        _rig.Journal.BeginGroup();
        for (var number = 0; number < 20; number++)
            pending.Add(await _rig.StartAsync(1 + (number % 2), $"{number}"));
        _rig.Journal.EndGroup();
        var outcomes = await Task.WhenAll(pending);

        Assert.All(outcomes, outcome => Assert.Equal(AppendStatus.Appended, outcome.Status));
        Assert.Equal(1, _rig.Files.Syncs - syncs);
        Assert.Equal(1, _rig.Files.Writes - writes);
    }

    [Fact]
    public async Task GroupInsideAnother_IsWrittenAtItsOwnEnd()
    {
        await _rig.ClaimAsync(1);
        _rig.Journal.BeginGroup();
        _rig.Journal.BeginGroup();
        var pending = await _rig.StartAsync(1, "inside");
        _rig.Journal.EndGroup();

        var outcome = await pending;
        _rig.Journal.EndGroup();

        Assert.Equal(AppendStatus.Appended, outcome.Status);
    }

    [Fact]
    public async Task EntryThatIsNotSynced_IsNotReadAndWakesNobody()
    {
        await _rig.AppendAsync(1, "a");
        var end = (await _rig.Journal.GetEndAsync(1, Cancellation)).Position;
        Task waiting;
        using (var held = new HeldSync(_rig.Files))
        {
            waiting = _rig.Journal.WaitAsync(1, end, Cancellation).AsTask();
            var pending = await _rig.StartAsync(1, "b");
            await held.Entered;

            Assert.Equal(["a"], await _rig.ReadAsync(1));
            Assert.False(waiting.IsCompleted);
            Assert.False(pending.IsCompleted);
        }
        await waiting;
        Assert.Equal(["a", "b"], await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task TooManyWaitingAppends_AreUnavailable()
    {
        _rig.Options = _rig.Options with { WaitingAppendsMax = 2 };
        await _rig.ClaimAsync(1);
        using var held = new HeldSync(_rig.Files);
        var pending = new List<Task<AppendOutcome>> { await _rig.StartAsync(1, "under way") };
        await held.Entered;
        pending.Add(await _rig.StartAsync(1, "waits"));
        pending.Add(await _rig.StartAsync(1, "waits too"));

        Assert.Equal(AppendStatus.Unavailable, await _rig.AppendAsync(1, "too many"));

        held.Dispose();
        Assert.All(await Task.WhenAll(pending), outcome => Assert.Equal(AppendStatus.Appended, outcome.Status));
    }

    [Fact]
    public async Task TooManyWaitingBytes_AreUnavailable()
    {
        _rig.Options = _rig.Options with { WaitingBytesMax = 3000 };
        await _rig.ClaimAsync(1);
        using var held = new HeldSync(_rig.Files);
        var pending = new List<Task<AppendOutcome>> { await _rig.StartAsync(1, "under way") };
        await held.Entered;
        pending.Add(await _rig.StartAsync(1, "waits", padding: 2000));

        Assert.Equal(AppendStatus.Unavailable, await _rig.AppendAsync(1, "too many", padding: 2000));

        held.Dispose();
        Assert.All(await Task.WhenAll(pending), outcome => Assert.Equal(AppendStatus.Appended, outcome.Status));
    }

    [Fact]
    public async Task LogOfManySegments_IsReadInOrderFromTheFiles()
    {
        var ids = Enumerable.Range(0, 100).Select(number => $"{number}").ToList();
        foreach (var id in ids)
            await _rig.AppendAsync(1, id, padding: 500);

        Assert.True(_rig.Segments.Count() > 4);
        Assert.Equal(ids, await _rig.ReadAsync(1));
        await _rig.ReopenAsync();
        Assert.Equal(ids, await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task ReadingOneQueue_LeavesTheOthersBytesAlone()
    {
        for (var number = 0; number < 20; number++)
        {
            await _rig.AppendAsync(1, $"small {number}");
            await _rig.AppendAsync(2, $"large {number}", padding: 50_000);
        }
        var before = _rig.Files.BytesRead;

        Assert.Equal(20, (await _rig.ReadAsync(1)).Count);

        Assert.InRange(_rig.Files.BytesRead - before, 1, 20 * 1000);
    }

    [Fact]
    public async Task SinkThatKeepsUp_NeverReadsTheFiles()
    {
        _rig.Options = _rig.Options with { TailCacheBytes = 1 << 20 };
        for (var number = 0; number < 50; number++)
            await _rig.AppendAsync(1, $"{number}", padding: 1000);
        var before = _rig.Files.BytesRead;

        Assert.Equal(50, (await _rig.ReadAsync(1)).Count);

        Assert.Equal(before, _rig.Files.BytesRead);
    }

    [Fact]
    public async Task AppendLargerThanASegment_GetsOneOfItsOwn()
    {
        await _rig.AppendAsync(1, "a");
        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "large", padding: 100_000));
        await _rig.AppendAsync(1, "b");

        Assert.Equal(["a", "large", "b"], await _rig.ReadAsync(1));
        await _rig.CutPowerAsync();
        Assert.Equal(["a", "large", "b"], await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task SomethingThatIsNoFrame_IsTheCallersMistake()
    {
        var claim = await _rig.ClaimAsync(1);
        var append = AnAppend.Of(claim, 1, 1, "a");

        await Assert.ThrowsAsync<ArgumentException>(() => _rig.Journal.AppendAsync(append with { Frames = new byte[50] }, Cancellation).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _rig.Journal.AppendAsync(append with { EventCount = 2 }, Cancellation).AsTask());
        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "b"));
    }

    [Fact]
    public async Task ForeignPosition_IsTheCallersMistake()
    {
        var foreign = new JournalPosition(_rig.Journal.Incarnation - 1, 0);

        await Assert.ThrowsAsync<ArgumentException>(() => _rig.Journal.ReadAsync(1, foreign, 1, Cancellation).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _rig.Journal.WaitAsync(1, foreign, Cancellation).AsTask());
    }

    [Fact]
    public async Task SecondProcess_IsKeptOut()
    {
        _rig.Open();

        var refusal = Assert.Throws<JournalException>(() => _rig.Open());

        Assert.Contains("in use by process", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "a"));
    }

    [Fact]
    public async Task Dispose_WritesWhatWaitsAndRefusesTheRest()
    {
        await _rig.ClaimAsync(1);
        Task<AppendOutcome> pending;
        Task disposing;
        using (var held = new HeldSync(_rig.Files))
        {
            pending = await _rig.StartAsync(1, "a");
            await held.Entered;
            disposing = _rig.Journal.DisposeAsync().AsTask();
        }
        await disposing;

        Assert.Equal(AppendStatus.Appended, (await pending).Status);
        Assert.Equal(AppendStatus.Unavailable, await _rig.AppendAsync(1, "late"));
        Assert.False(_rig.Journal.Health.CanAppend);
        await _rig.ReopenAsync();
        Assert.Equal(["a"], await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task Dispose_EndsWaits()
    {
        var waiting = _rig.Journal.WaitAsync(1, new JournalPosition(_rig.Journal.Incarnation, 0), Cancellation).AsTask();

        await _rig.Journal.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public async Task StoreTime_NeverGoesBack()
    {
        await _rig.ClaimAsync(1);
        var first = await await _rig.StartAsync(1, "a");
        _rig.Time.Shift = TimeSpan.FromHours(-1);

        var second = await await _rig.StartAsync(1, "b");

        Assert.True(second.StoreTime >= first.StoreTime);
    }
}
