using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Backlog;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Spill;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Divolte.Grains.Tests.Streaming;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Backlog;

public sealed class BacklogMonitorTests : IAsyncDisposable
{
    private readonly MemoryJournal _journal = new(queues: 1);
    private readonly BacklogGuard _guard;
    private readonly GridMetrics _metrics = new();

    public BacklogMonitorTests() => _guard = new BacklogGuard(_journal);

    [Fact]
    public async Task WaitingEvents_AreCountedForASinkThatRunsElsewhere()
    {
        var monitor = await CreateAsync(BacklogOverflow.Detach);
        await AppendAsync(3);

        var backlog = Assert.Single(await monitor.MeasureAsync(Token));

        Assert.Equal(("sink", 3), (backlog.Sink, backlog.Events));
        Assert.InRange(backlog.Bytes, 1, 1 << 20);
    }

    [Fact]
    public async Task BacklogOverItsMaximum_RefusesAppendsUntilItIsWellUnder()
    {
        var monitor = await CreateAsync(BacklogOverflow.Reject);
        await AppendAsync(11);
        await monitor.MeasureAsync(Token);
        Assert.Equal(AppendStatus.Unavailable, await AppendAsync(1));
        Assert.False(_guard.Health.CanAppend);

        await PassAsync();
        await monitor.MeasureAsync(Token);

        Assert.Equal(AppendStatus.Appended, await AppendAsync(1));
        Assert.True(_guard.Health.CanAppend);
    }

    [Fact]
    public async Task DetachingSink_NeverRefusesAppends()
    {
        var monitor = await CreateAsync(BacklogOverflow.Detach);
        await AppendAsync(50);

        await monitor.MeasureAsync(Token);

        Assert.Equal(AppendStatus.Appended, await AppendAsync(1));
    }

    public ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        return _journal.DisposeAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<BacklogMonitor> CreateAsync(BacklogOverflow onFull)
    {
        var configuration = new DivolteConfiguration
        {
            Global = new GlobalOptions { Kafka = new KafkaOptions { IsEnabled = true } },
            Sinks = [new KafkaSinkOptions { Name = "sink", OnFull = onFull, BacklogMaximumBytes = 10 * 1024 }],
            Mappings = [new MappingOptions { Name = "mapping", Sources = [AFrame.Browser], Sinks = ["sink"] }],
        };
        var catalog = new SinkCatalog(configuration, _ => new ScriptedSink());
        var cursors = new SinkCursors(_guard, NullLogger<SinkCursors>.Instance);
        await cursors.InitializeAsync(["sink"], Token);
        var spills = new SinkSpills(configuration, _guard, TimeProvider.System, NullLoggerFactory.Instance);
        var workers = new SinkWorkers(
            configuration, catalog, _ => [], cursors, spills, _guard, new JournalWindows(), _metrics, TimeProvider.System, NullLoggerFactory.Instance);
        return new BacklogMonitor(_guard, _guard, catalog, workers, _metrics, TimeProvider.System, NullLogger<BacklogMonitor>.Instance);
    }

    private async Task<AppendStatus> AppendAsync(int events) => (await _guard.AppendAsync(AFrame.Many(0, "e", events), Token)).Status;

    /// <summary>The sink, wherever it runs, has passed everything.</summary>
    private async Task PassAsync()
    {
        var progress = (await _journal.ReadProgressAsync("sink", 0, Token))!;
        var ledger = LossLedger.Parse(progress.Ledger);
        var end = await _journal.GetEndAsync(0, Token);
        ledger.Rebase(end.Accepted, new Dictionary<string, long>());
        await _journal.SaveProgressAsync(progress with { Position = end.Position, Ledger = ledger.Write(GridFormat.Latest) }, Token);
    }
}
