using Divolte.Grains.Sinks;
using Microsoft.Extensions.Time.Testing;

namespace Divolte.Grains.Tests.Sinks.Files;

public sealed class FileSinkTests
{
    private readonly PowerLossFileStore _store = new(new Random(1));
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EnoughRecords_AreSyncedAndConfirmed()
    {
        await using var sink = AFileSink.Over(_store, _time, AFileSink.Strategy with { SyncFileAfterRecords = 2 });
        await using var writer = await sink.OpenAsync(0, Token);

        var first = await writer.WriteAsync(AFileSink.Batch(0, 1, "a"), Token);
        Assert.False(first.IsCompleted);
        var second = await writer.WriteAsync(AFileSink.Batch(0, 2, "b"), Token);

        Assert.Equal(WriteStatus.Written, (await second).Status);
        Assert.Equal(WriteStatus.Written, (await first).Status);
    }

    [Fact]
    public async Task SyncInterval_ConfirmsWithoutFurtherRecords()
    {
        await using var sink = AFileSink.Over(_store, _time);
        await using var writer = await sink.OpenAsync(0, Token);
        var receipt = await writer.WriteAsync(AFileSink.Batch(0, 1, "a"), Token);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(WriteStatus.Written, (await receipt).Status);
    }

    [Fact]
    public async Task RollTime_PublishesAndBeginsTheNextFile()
    {
        await using var sink = AFileSink.Over(_store, _time);
        await using var writer = await sink.OpenAsync(0, Token);
        await writer.WriteAsync(AFileSink.Batch(0, 1, "a"), Token);

        _time.Advance(TimeSpan.FromMinutes(1));
        await writer.FlushAsync(Token); // behind the roll on the writer's thread

        Assert.Equal(["a"], AFileSink.PublishedIds(_store));
        Assert.Single(_store.Paths, path => path.EndsWith(".avro.partial", StringComparison.Ordinal));
        Assert.Matches(@"^/done/\d{14}-divolte-tracking-.+-\d+\.avro$", Assert.Single(_store.Paths, path => path.StartsWith("/done", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task UnsyncedRecordsAtRollTime_ArePublished()
    {
        // Upstream deletes such a file with its records.
        var strategy = AFileSink.Strategy with { RollEvery = TimeSpan.FromSeconds(2), SyncFileAfterDuration = TimeSpan.FromSeconds(30) };
        await using var sink = AFileSink.Over(_store, _time, strategy);
        await using var writer = await sink.OpenAsync(0, Token);
        var receipt = await writer.WriteAsync(AFileSink.Batch(0, 1, "a"), Token);

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(WriteStatus.Written, (await receipt).Status);
        await writer.FlushAsync(Token);
        Assert.Equal(["a"], AFileSink.PublishedIds(_store));
    }

    [Fact]
    public async Task EmptyFile_IsDiscardedAtRollTimeAndAtStop()
    {
        await using (var sink = AFileSink.Over(_store, _time))
        {
            await using var writer = await sink.OpenAsync(0, Token);
            _time.Advance(TimeSpan.FromMinutes(3));
            await writer.FlushAsync(Token);
        }

        Assert.DoesNotContain(_store.Paths, path => path.Contains("divolte-tracking", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_PublishesUnsyncedRecords()
    {
        await using (var sink = AFileSink.Over(_store, _time))
        {
            await using var writer = await sink.OpenAsync(0, Token);
            await writer.WriteAsync(AFileSink.Batch(0, 1, "a"), Token);
        }

        Assert.Equal(["a"], AFileSink.PublishedIds(_store));
    }

    [Fact]
    public async Task FailedWrite_IsTriedLaterWithAllBehindIt()
    {
        await using var sink = AFileSink.Over(_store, _time);
        await using var writer = await sink.OpenAsync(0, Token);
        var confirmed = await writer.WriteAsync(AFileSink.Batch(0, 1, "a"), Token);
        await writer.FlushAsync(Token);
        await confirmed;
        var failed = await writer.WriteAsync(AFileSink.Batch(0, 2, "b"), Token);
        _store.FailAfter(0);
        await writer.FlushAsync(Token);
        var behind = await writer.WriteAsync(AFileSink.Batch(0, 3, "c"), Token);

        Assert.Equal(WriteStatus.TryLater, (await failed).Status);
        Assert.Equal(WriteStatus.TryLater, (await behind).Status);
    }

    [Fact]
    public async Task AfterTrouble_ConfirmedRecordsArePublishedAndWritingGoesOn()
    {
        await using (var sink = AFileSink.Over(_store, _time))
        {
            var writer = await sink.OpenAsync(0, Token);
            await writer.WriteAsync(AFileSink.Batch(0, 1, "a"), Token);
            await writer.FlushAsync(Token);
            await writer.WriteAsync(AFileSink.Batch(0, 2, "b"), Token);
            _store.FailAfter(0);
            await writer.FlushAsync(Token);
            await Assert.ThrowsAsync<SinkUnavailableException>(async () => await sink.OpenAsync(0, Token));

            _store.Heal();
            var again = await sink.OpenAsync(0, Token);
            Assert.Equal(1, again.Confirmed!.Value.Offset);
            await again.WriteAsync(AFileSink.Batch(0, 2, "b"), Token);
        }

        Assert.Equal(["a", "b"], AFileSink.PublishedIds(_store));
    }

    [Fact]
    public async Task ForeignPartialFile_IsLeftAlone()
    {
        _store.Put("/place/20200101000000-divolte-tracking-other-1.avro.partial", [1, 2, 3]);

        await using (var sink = AFileSink.Over(_store, _time))
            await sink.OpenAsync(0, Token);

        Assert.Contains("/place/20200101000000-divolte-tracking-other-1.avro.partial", _store.Paths);
    }

    [Fact]
    public async Task FewerThreadsAfterACrash_NothingIsForgotten()
    {
        var before = AFileSink.Over(_store, _time, threads: 2);
        for (var queue = 0; queue < 4; queue++)
        {
            var writer = await before.OpenAsync(queue, Token);
            await writer.WriteAsync(AFileSink.Batch(queue, 10 + queue, $"q{queue}"), Token);
            await writer.FlushAsync(Token);
        }
        before.Abandon();
        _store.Crash();

        await using (var after = AFileSink.Over(_store, _time, threads: 1))
        {
            for (var queue = 0; queue < 4; queue++)
                Assert.Equal(10 + queue, (await after.OpenAsync(queue, Token)).Confirmed!.Value.Offset);
        }

        Assert.Equal(["q0", "q1", "q2", "q3"], AFileSink.PublishedIds(_store).Order());
    }

    [Theory]
    [InlineData("/place", "working")]
    [InlineData("/done", "publish")]
    public async Task MissingDirectory_IsNamed(string directory, string role)
    {
        _store.RemoveDirectory(directory);
        await using var sink = AFileSink.Over(_store, _time);

        var problem = sink.FindProblem();

        Assert.Equal($"sink files: the {role} directory {directory} does not exist", problem);
    }

    [Fact]
    public async Task UnreadableState_StopsWithItsName()
    {
        _store.Put("/data/sinks/files-0.json", "{\"version\":9}"u8.ToArray());
        await using var sink = AFileSink.Over(_store, _time);

        var exception = await Assert.ThrowsAsync<SinkUnavailableException>(async () => await sink.OpenAsync(0, Token));

        Assert.Contains("/data/sinks/files-0.json", exception.Message, StringComparison.Ordinal);
        Assert.Contains("version 9", exception.Message, StringComparison.Ordinal);
    }
}
