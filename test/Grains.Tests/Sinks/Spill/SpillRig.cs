using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Spill;
using Divolte.Grains.Sinks.Unwritten;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Divolte.Grains.Tests.Journal;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Grains.Tests.Sinks.Spill;

/// <summary>A real journal, real spill files and a real worker on disks in memory that lose their power together, and a destination that outlives them.</summary>
internal sealed class SpillRig : IAsyncDisposable
{
    public const string SinkName = "sink";

    private readonly GridMetrics _metrics = new();
    private readonly DirectoryInfo _letters = Directory.CreateTempSubdirectory("divolte-spill-");
    private readonly DeadLetters _deadLetters;
    private SinkWorker? _worker;

    public SpillRig()
    {
        Journal.Options = Journal.Options with { Parameters = new JournalParameters(8, 1, "party"), SegmentBytes = 8 * 1024 };
        _deadLetters = new DeadLetters(SinkName, _letters.FullName, Journal.Time, NullLogger<DeadLetters>.Instance);
    }

    public JournalRig Journal { get; } = new();

    public PowerCutFiles SpillFiles { get; } = new();

    public ScriptedSink Sink { get; } = new(SinkName);

    public SinkWorker Worker => _worker ?? throw new InvalidOperationException("Not started.");

    public SpillMover Mover => new(Journal.Journal);

    public async Task StartAsync()
    {
        var journal = Journal.Journal;
        await new SinkCursors(journal, NullLogger<SinkCursors>.Instance).InitializeAsync([SinkName], default);
        var progress = (await journal.ReadProgressAsync(SinkName, 0, default))!;
        var spill = SpillQueue.Open(SpillFiles, 0, progress.Position, LossLedger.Parse(progress.Ledger).Spilled, () => { }, NullLogger.Instance, 4096);
        var services = WorkerBench.Services(journal, _deadLetters, _metrics, Journal.Time, TimeSpan.FromMilliseconds(10));
        _worker = new SinkWorker(Sink, progress, [WorkerBench.Mapping("mapping", Divolte.TestKit.AFrame.Source)], services) { Spill = spill };
        _worker.Start();
    }

    /// <summary>Delivers all that waits, as the reader does: what is spilled comes first.</summary>
    public async Task DeliverAsync()
    {
        while (true)
        {
            var after = Worker.Taken;
            var page = await Worker.Spill!.ReadAsync(after, 2000, default) ?? await Journal.Journal.ReadAsync(0, after, 2000, default);
            if (page.Entries.Count == 0)
                return;
            await Worker.AcceptAsync(new JournalBatch(JournalStream.StreamOf(SinkName, 0), after, page));
        }
    }

    /// <summary>Moves the clock until everything that was taken is confirmed, and the progress is stored.</summary>
    public async Task SettleAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Worker.Confirmed != Worker.Taken || (await Journal.Journal.ReadProgressAsync(SinkName, 0, default))!.Position != Worker.Confirmed)
        {
            if (patience.IsCancellationRequested)
                throw new TimeoutException($"Taken {Worker.Taken}, confirmed {Worker.Confirmed}, {Worker.Condition}.");
            Journal.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }

    public async Task<LedgerLine> LedgerAsync() => Worker.Describe(await Journal.Journal.GetEndAsync(0, default)).Ledger.Single();

    /// <summary>Takes the power from both disks.</summary>
    public void CutPower(Random? chance)
    {
        Journal.Files.CutPower(chance);
        SpillFiles.CutPower(chance);
    }

    /// <summary>Starts again after the power or the process is gone.</summary>
    public async Task RestartAsync()
    {
        await AbandonAsync();
        SpillFiles.Start();
        await Journal.RestartAsync();
        await StartAsync();
    }

    /// <summary>The end of the process, not of the system.</summary>
    public async Task KillAsync()
    {
        Journal.Files.KillProcess();
        SpillFiles.KillProcess();
        await RestartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await AbandonAsync();
        await Journal.DisposeAsync();
        await _deadLetters.DisposeAsync();
        _metrics.Dispose();
        _letters.Delete(recursive: true);
    }

    private async Task AbandonAsync()
    {
        if (_worker is { } worker)
            await worker.DisposeAsync();
        _worker = null;
    }
}
