using Divolte.Grains.Journal;
using Divolte.TestKit.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Journal;

/// <summary>What is found after a crash, after damage, and after something was taken away.</summary>
public sealed class RecoveryTests : IAsyncDisposable
{
    private readonly JournalRig _rig = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task AcknowledgedEvents_SurviveThePowerCut()
    {
        await AppendAsync(1, 0, 50);

        await _rig.CutPowerAsync();

        Assert.Equal(Ids(0, 50), await _rig.ReadAsync(1));
        await _rig.CutPowerAsync();
        Assert.Equal(Ids(0, 50), await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task WriteUnderWayAtThePowerCut_IsGoneWithoutATrace()
    {
        await AppendAsync(1, 0, 3);
        using (var held = new HeldSync(_rig.Files))
        {
            var pending = await _rig.StartAsync(1, "lost");
            await held.Entered;
            _rig.Files.CutPower(null);
            held.Dispose();
            Assert.Equal(AppendStatus.Unavailable, (await pending).Status);
        }

        await _rig.CutPowerAsync();

        Assert.Equal(Ids(0, 3), await _rig.ReadAsync(1));
        Assert.Empty(_rig.Damaged);
        Assert.Empty(_rig.Journal.Health.Warning);
    }

    [Fact]
    public async Task NewDirectory_HasAnIncarnationOfItsOwn()
    {
        var first = _rig.Journal.Incarnation;
        _rig.Tick();
        await using var other = new JournalRig();
        other.Time.SetUtcNow(_rig.Time.GetUtcNow());

        Assert.True(other.Journal.Incarnation > first);
    }

    [Fact]
    public async Task DamagedEntry_CostsItselfAlone()
    {
        await AppendAsync(1, 0, 5);
        await _rig.Journal.DisposeAsync();
        var (name, offset) = FindEntry(2);
        _rig.Files.Flip(name, offset + 300);

        await _rig.ReopenAsync();

        Assert.Equal(["0", "1", "3", "4"], await _rig.ReadAsync(1));
        Assert.Equal([$"{name}.damaged-1"], _rig.Damaged);
        Assert.Contains($"{name}.damaged-1", _rig.Journal.Health.Warning, StringComparison.Ordinal);
        Assert.True(_rig.Journal.Health.CanAppend);
        Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(1, "new"));
        await _rig.ReopenAsync();
        Assert.Equal(["0", "1", "3", "4", "new"], await _rig.ReadAsync(1));
        Assert.Single(_rig.Damaged);
    }

    [Theory]
    [InlineData(0)] // magic
    [InlineData(5)] // version
    [InlineData(16)] // offset
    [InlineData(24)] // length
    [InlineData(95)] // length of the frames
    public async Task DamagedHead_CostsItselfAlone(int at)
    {
        await AppendAsync(1, 0, 5);
        await _rig.Journal.DisposeAsync();
        var (name, offset) = FindEntry(1);
        _rig.Files.Flip(name, offset + at);

        await _rig.ReopenAsync();

        Assert.Equal(["0", "2", "3", "4"], await _rig.ReadAsync(1));
        Assert.Single(_rig.Damaged);
    }

    [Fact]
    public async Task DamagedHeader_CostsNoEntry()
    {
        await AppendAsync(1, 0, 5);
        var end = await _rig.Journal.GetEndAsync(1, Cancellation);
        var incarnation = _rig.Journal.Incarnation;
        await _rig.Journal.DisposeAsync();
        _rig.Files.Flip(_rig.Segments.Single(), 40);

        await _rig.ReopenAsync();

        Assert.Equal(Ids(0, 5), await _rig.ReadAsync(1));
        Assert.Equal(incarnation, _rig.Journal.Incarnation);
        Assert.Equal(end.Position, (await _rig.Journal.GetEndAsync(1, Cancellation)).Position);
        Assert.Equal(end.Accepted, (await _rig.Journal.GetEndAsync(1, Cancellation)).Accepted);
        Assert.Single(_rig.Damaged);
        await _rig.ReopenAsync();
        Assert.Single(_rig.Damaged);
    }

    [Fact]
    public async Task DamagedHeaderInTheMiddle_CostsNoEntryAndNoCount()
    {
        await AppendAsync(1, 0, 60);
        await _rig.Journal.DisposeAsync();
        var names = _rig.Segments.ToList();
        Assert.True(names.Count > 3);
        _rig.Files.Flip(names[1], 40);
        _rig.Files.Flip(names[^1], 40);

        await _rig.ReopenAsync();

        Assert.Equal(Ids(0, 60), await _rig.ReadAsync(1));
        Assert.Equal(60, (await _rig.Journal.GetEndAsync(1, Cancellation)).Accepted.Single().Events);
    }

    [Fact]
    public async Task DamageInASealedSegment_ShowsWhenItIsReadAndCostsItselfAlone()
    {
        await AppendAsync(1, 0, 60);
        _rig.Tick();
        var (name, offset) = FindEntry(3);
        Assert.NotEqual(_rig.Segments.Last(), name);
        _rig.Files.Flip(name, offset + 300);

        Assert.Equal(Ids(0, 60).Where(id => id != "3"), await _rig.ReadAsync(1));

        Assert.Equal([$"{name}.damaged-1"], _rig.Damaged);
        Assert.Contains("damaged-1", _rig.Journal.Health.Warning, StringComparison.Ordinal);
        await _rig.ReadAsync(1);
        Assert.Single(_rig.Damaged);
    }

    [Fact]
    public async Task DamagedSummary_IsMadeAgain()
    {
        await AppendAsync(1, 0, 60);
        var marks = (await _rig.Journal.ClaimAsync(1, Cancellation)).Marks;
        _rig.Tick();
        await _rig.Journal.DisposeAsync();
        var summaries = _rig.Summaries.ToList();
        Assert.True(summaries.Count > 2);
        _rig.Files.Flip(summaries[0], 50);
        _rig.Files.Remove(summaries[1]);

        await _rig.ReopenAsync();

        Assert.Equal(summaries, _rig.Summaries);
        Assert.Equal(marks, (await _rig.ClaimAsync(1)).Marks);
        Assert.Equal(Ids(0, 60), await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task SummaryDamagedWhileOpen_CostsNoEntry()
    {
        await AppendAsync(1, 0, 60);
        _rig.Tick();
        await _rig.ReopenAsync();
        foreach (var name in _rig.Summaries)
            _rig.Files.Flip(name, _rig.Files.Content(name).Length - 3);

        Assert.Equal(Ids(0, 60), await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task MissingParameters_AreMadeAgainFromTheSegments()
    {
        await AppendAsync(1, 0, 3);
        var incarnation = _rig.Journal.Incarnation;
        await _rig.Journal.DisposeAsync();
        _rig.Files.Remove("meta");
        _rig.Options = _rig.Options with { Parameters = _rig.Options.Parameters with { Shards = 9 } };
        Assert.Throws<JournalException>(() => _rig.Open());
        _rig.Options = _rig.Options with { Parameters = _rig.Options.Parameters with { Shards = 8 } };

        await _rig.ReopenAsync();

        Assert.Equal(incarnation, _rig.Journal.Incarnation);
        Assert.Equal(Ids(0, 3), await _rig.ReadAsync(1));
        Assert.Contains("meta", _rig.Files.Names);
    }

    [Fact]
    public async Task LogThatCameBackShorter_RaisesTheIncarnation()
    {
        await AppendAsync(1, 0, 10);
        await _rig.Journal.DisposeAsync();
        var backup = _rig.Files.Backup();
        await _rig.ReopenAsync();
        await AppendAsync(1, 10, 20);
        await _rig.ConfirmAllAsync();
        _rig.Tick();
        var confirmed = await _rig.Journal.ReadProgressAsync("sink", 1, Cancellation);
        var before = _rig.Journal.Incarnation;
        await _rig.Journal.DisposeAsync();
        var progress = _rig.Files.Backup().Where(pair => pair.Key.StartsWith("progress", StringComparison.Ordinal));
        _rig.Files.Restore(backup.Where(pair => !pair.Key.StartsWith("progress", StringComparison.Ordinal)).Concat(progress).ToDictionary());

        await _rig.ReopenAsync();

        Assert.True(_rig.Journal.Incarnation > before);
        Assert.Equal(before, (await _rig.Journal.ReadProgressAsync("sink", 1, Cancellation))!.Position.Incarnation);
        Assert.Equal(Ids(0, 10), await _rig.ReadAsync(1));
        await AppendAsync(1, 100, 3);
        Assert.True((await AnAppend.ReadAllAsync(_rig.Journal, 1))[10].Position.Offset > confirmed!.Position.Offset);
        var raised = _rig.Journal.Incarnation;
        await _rig.CutPowerAsync();
        Assert.Equal(raised, _rig.Journal.Incarnation);
        Assert.Equal([.. Ids(0, 10), .. Ids(100, 3)], await _rig.ReadAsync(1));
        Assert.Empty(_rig.Damaged);
    }

    [Fact]
    public async Task MissingSegment_CostsItsEntriesAndIsReportedOnce()
    {
        await AppendAsync(1, 0, 60);
        _rig.Tick();
        await _rig.Journal.DisposeAsync();
        _rig.Files.Remove(_rig.Segments.ElementAt(1));

        await _rig.ReopenAsync();

        var left = await _rig.ReadAsync(1);
        Assert.InRange(left.Count, 35, 59);
        Assert.Equal(left.OrderBy(int.Parse), left);
        Assert.NotEmpty(_rig.Journal.Health.Warning);
        await _rig.ReopenAsync();
        Assert.Single(_rig.Damaged);
    }

    [Fact]
    public async Task SegmentWithoutOneReadableByte_IsSetAside()
    {
        await AppendAsync(1, 0, 60);
        await _rig.Journal.DisposeAsync();
        var name = _rig.Segments.ElementAt(1);
        var length = _rig.Files.Content(name).Length;
        for (var at = 0; at < length; at += 16)
            _rig.Files.Flip(name, at);

        await _rig.ReopenAsync();

        Assert.DoesNotContain(name, _rig.Segments);
        Assert.Contains($"{name}.damaged-1", _rig.Damaged);
        Assert.InRange((await _rig.ReadAsync(1)).Count, 35, 59);
    }

    [Fact]
    public async Task FileThatNeverCameIntoUse_IsRemoved()
    {
        await AppendAsync(1, 0, 3);
        await _rig.Journal.DisposeAsync();
        var backup = _rig.Files.Backup().ToDictionary();
        backup.Add("log-0000000000000999992.segment", new byte[16 * 1024]);
        _rig.Files.Restore(backup);

        await _rig.ReopenAsync();

        Assert.Single(_rig.Segments);
        Assert.Empty(_rig.Damaged);
        Assert.Equal(Ids(0, 3), await _rig.ReadAsync(1));
    }

    [Fact]
    public async Task ProgressSinceTheLastSync_MayBeLostButNotMore()
    {
        await AppendAsync(1, 0, 3);
        var entries = await AnAppend.ReadAllAsync(_rig.Journal, 1);
        await _rig.Journal.SaveProgressAsync(new SinkProgress("sink", 1, entries[0].Position, default), Cancellation);
        _rig.Tick();
        await _rig.Journal.SaveProgressAsync(new SinkProgress("sink", 1, entries[1].Position, default), Cancellation);

        await _rig.CutPowerAsync();

        Assert.Equal(entries[0].Position, (await _rig.Journal.ReadProgressAsync("sink", 1, Cancellation))!.Position);
    }

    [Fact]
    public async Task ProgressSpoiltInBothPlaces_IsRefused()
    {
        await AppendAsync(1, 0, 3);
        foreach (var sink in new[] { "a", "b" })
        {
            await _rig.ConfirmAllAsync(sink);
            _rig.Tick();
        }
        await _rig.Journal.DisposeAsync();
        _rig.Files.Flip("progress-0", 45);
        _rig.Files.Flip("progress-1", 45);

        var refusal = Assert.Throws<JournalException>(() => _rig.Open());

        Assert.Contains("progress-0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProgressSpoiltInOnePlace_FallsBackToTheOther()
    {
        await AppendAsync(1, 0, 3);
        await _rig.ConfirmAllAsync("a");
        _rig.Tick();
        await _rig.ConfirmAllAsync("b");
        _rig.Tick();
        await _rig.Journal.DisposeAsync();
        _rig.Files.Flip("progress-0", 45);

        await _rig.ReopenAsync();

        Assert.NotNull(await _rig.Journal.ReadProgressAsync("a", 1, Cancellation));
    }

    private (string Name, int Offset) FindEntry(int number)
    {
        foreach (var name in _rig.Segments)
        {
            var content = _rig.Files.Content(name);
            for (var at = 4096; at < content.Length; at += 8)
            {
                if (!content.AsSpan(at).StartsWith(Divolte.Grains.Journal.Segments.EntryHead.Magic))
                    continue;
                if (number-- == 0)
                    return (name, at);
            }
        }
        throw new InvalidOperationException("There are not so many entries.");
    }

    private static IEnumerable<string> Ids(int first, int count) => Enumerable.Range(first, count).Select(number => $"{number}");

    private async Task AppendAsync(int shard, int first, int count)
    {
        foreach (var id in Ids(first, count))
            Assert.Equal(AppendStatus.Appended, await _rig.AppendAsync(shard, id, padding: 500));
    }
}
