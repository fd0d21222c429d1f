using Divolte.Grains.Journal;
using Divolte.TestKit.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Journal;

/// <summary>A full disk, failing writes and failing syncs: nothing is said to be stored that is not, and appends work again by themselves.</summary>
public sealed class DiskTroubleTests : IAsyncDisposable
{
    private readonly JournalRig _rig = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task FullDisk_IsUnavailableUntilThereIsRoom()
    {
        var stored = await FillAsync();
        Assert.False(_rig.Journal.Health.CanAppend);
        Assert.Contains("No space left", _rig.Journal.Health.Reason, StringComparison.Ordinal);
        Assert.Equal(stored, await _rig.ReadAsync(1));

        _rig.Files.Room = long.MaxValue;
        _rig.Time.Advance(_rig.Options.RetryPause);

        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "again"));
        Assert.True(_rig.Journal.Health.CanAppend);
        await _rig.CutPowerAsync();
        Assert.Equal([.. stored, "again"], await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task FullDisk_IsNotTriedAgainBeforeThePauseEnds()
    {
        await FillAsync();
        _rig.Files.Room = long.MaxValue;

        Assert.Equal(AppendStatus.Unavailable, await _rig.AppendAsync(1, "early"));
    }

    [Fact]
    public async Task ClockSetBackDuringTheTrouble_DelaysNothing()
    {
        await FillAsync();
        _rig.Files.Room = long.MaxValue;
        _rig.Time.Shift = TimeSpan.FromHours(-1);
        _rig.Time.Advance(_rig.Options.RetryPause);

        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "again"));
    }

    [Fact]
    public async Task IdleJournal_BecomesReadyByItself()
    {
        await FillAsync();
        _rig.Files.Room = long.MaxValue;

        _rig.Tick();

        await _rig.ClaimAsync(2); // behind the probe in the writer's queue
        Assert.True(_rig.Journal.Health.CanAppend);
    }

    [Fact]
    public async Task SinksThatCatchUpOnAFullDisk_MakeRoom()
    {
        await FillAsync();
        await _rig.ConfirmAllAsync();

        _rig.Tick();

        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "again"));
        Assert.InRange(_rig.Segments.Count(), 1, 2); // the look whether the disk works may have begun one
    }

    [Fact]
    public async Task FullDisk_StillOpens()
    {
        var stored = await FillAsync();

        await _rig.CutPowerAsync();

        Assert.Equal(stored, await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task FailedWrite_IsUnavailableAndLeavesNothingBehind()
    {
        await _rig.AppendAsync(1, "a");
        _rig.Files.WritesToFail = 1;

        Assert.Equal(AppendStatus.Unavailable, await _rig.AppendAsync(1, "failed"));

        _rig.Time.Advance(_rig.Options.RetryPause);
        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "b"));
        Assert.Equal(["a", "b"], await _rig.ReadAsync(1));
        await _rig.KillAsync();
        Assert.Equal(["a", "b"], await _rig.ReadAsync(1));
        Assert.Empty(_rig.Damaged);
    }

    [Fact]
    public async Task FailedWriteThenKilled_LeavesNothingBehind()
    {
        await _rig.AppendAsync(1, "a");
        _rig.Files.WritesToFail = 1;
        await _rig.AppendAsync(1, "failed");

        await _rig.KillAsync();

        Assert.Equal(["a"], await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task FailedSync_IsRepeatedInANewFile()
    {
        await _rig.AppendAsync(1, "a");
        _rig.Files.SyncsToFail = 1;

        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "b"));

        Assert.Equal(2, _rig.Segments.Count());
        await _rig.AppendAsync(1, "c");
        await _rig.CutPowerAsync();
        Assert.Equal(["a", "b", "c"], await _rig.ReadAsync(1));
        Assert.Empty(_rig.Damaged);
    }

    [Fact]
    public async Task SyncsThatKeepFailing_AreNeverTakenForSuccess()
    {
        await _rig.AppendAsync(1, "a");
        _rig.Files.SyncsToFail = 10;

        Assert.Equal(AppendStatus.Unavailable, await _rig.AppendAsync(1, "failed"));

        _rig.Files.SyncsToFail = 0;
        _rig.Time.Advance(_rig.Options.RetryPause);
        Assert.Equal(["a"], await _rig.ReadAsync(1));
        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "b"));
        await _rig.CutPowerAsync();
        Assert.Equal(["a", "b"], await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task ProgressThatCannotBeWritten_IsTriedAgain()
    {
        await _rig.AppendAsync(1, "a");
        await _rig.ConfirmAsync(1);
        _rig.Files.SyncsToFail = 1;
        _rig.Tick();
        _rig.Tick();

        await _rig.CutPowerAsync();

        Assert.NotNull(await _rig.Journal.ReadProgressAsync("sink", 1, Cancellation));
    }

    /// <summary>Appends until the disk is full.</summary>
    private async Task<List<string>> FillAsync()
    {
        var stored = new List<string>();
        await _rig.AppendAsync(1, "first");
        stored.Add("first");
        _rig.Files.Room = 400_000;
        while (await _rig.AppendAsync(1, $"{stored.Count}", padding: 1000) == AppendStatus.Appended)
            stored.Add($"{stored.Count}");
        Assert.InRange(stored.Count, 50, 500);
        return stored;
    }
}
