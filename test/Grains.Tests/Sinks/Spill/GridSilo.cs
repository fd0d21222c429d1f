using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Spill;
using Divolte.Grains.Sinks.Unwritten;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Divolte.Grains.Tests.Journal.Redis;
using Divolte.TestKit.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Grains.Tests.Sinks.Spill;

/// <summary>What one silo of a grid has to do with spilling: its own connection to a real Redis, and a real worker over a real directory that others share.</summary>
internal sealed class GridSilo(RedisJournal journal, string? directory, ScriptedSink sink, TimeProvider time, LogLines log) : IAsyncDisposable
{
    public const int Queue = 1;

    private readonly GridMetrics _metrics = new();
    private readonly DirectoryInfo _letters = Directory.CreateTempSubdirectory("divolte-gridspill-");
    private readonly SinkSpills _spills = new(
        new DivolteConfiguration
        {
            Global = new GlobalOptions { Grid = new GridOptions { Store = GridStore.Redis, Cluster = "cluster", Spill = new SpillOptions { Directory = directory } } },
        },
        journal,
        time,
        NullLoggerFactory.Instance);

    private DeadLetters? _deadLetters;
    private SinkWorker? _worker;

    public RedisJournal Journal => journal;

    public bool IsRunning => _worker is not null;

    public SinkWorker Worker => _worker ?? throw new InvalidOperationException("Not started.");

    public SpillQueue Spill => Worker.Spill ?? throw new InvalidOperationException("Nothing spills.");

    public SpillMover Mover => new(journal);

    public SinkSpills Spills => _spills;

    public SinkCursors Cursors => new(journal, NullLogger<SinkCursors>.Instance);

    /// <summary>Takes the sink's queue over, as its grain does when it starts here.</summary>
    public async Task TakeOverAsync()
    {
        await AbandonAsync();
        await Cursors.InitializeAsync([sink.Name], default);
        var (progress, spill) = await _spills.OpenAsync(sink.Name, await Cursors.EnsureAsync(sink.Name, Queue, default), default);
        _deadLetters ??= new DeadLetters(sink.Name, _letters.FullName, time, NullLogger<DeadLetters>.Instance);
        var services = WorkerBench.Services(journal, _deadLetters, _metrics, TimeProvider.System, TimeSpan.FromMilliseconds(5));
        _worker = new SinkWorker(sink, progress, [WorkerBench.Mapping("mapping", Divolte.TestKit.AFrame.Source)], services) { Spill = spill };
        if (_spills.FindRefusal(progress) is { } refusal)
            _worker.Refuse(refusal);
        _worker.Start();
    }

    /// <summary>Spills all that waits, as far as this silo may.</summary>
    public async Task<long> SpillAsync(long bytes = long.MaxValue)
    {
        await _spills.CheckAsync(default);
        return await Mover.MoveAsync(Worker, bytes, default);
    }

    public ValueTask<JournalPage> ReadAsync(JournalPosition after) => _spills.ReadAsync(sink.Name, Queue, after, 2000, default);

    /// <summary>Delivers what waits, as the reader does.</summary>
    public async Task DeliverAsync()
    {
        while (true)
        {
            var after = Worker.Taken;
            var page = await ReadAsync(after);
            if (page.Entries.Count == 0)
                return;
            await Worker.AcceptAsync(new JournalBatch(JournalStream.StreamOf(sink.Name, Queue), after, page));
        }
    }

    /// <summary>Waits until what was taken is confirmed, and stored.</summary>
    public async Task SettleAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            var stored = await journal.ReadProgressAsync(sink.Name, Queue, default);
            if (Worker.Confirmed == Worker.Taken && stored!.Position == Worker.Confirmed)
                return;
            if (attempt == 1000)
                throw new TimeoutException($"Taken {Worker.Taken}, confirmed {Worker.Confirmed}, stored {stored?.Position} under {stored?.Claim}, {Worker.Condition}, replaced: {Worker.IsReplaced}. Log:\n{log}");
            await Task.Delay(10);
        }
    }

    public async Task<SinkProgress> StoredAsync() => (await journal.ReadProgressAsync(sink.Name, Queue, default))!;

    public async Task<LedgerLine> LedgerAsync() => Worker.Describe(await journal.GetEndAsync(Queue, default)).Ledger.Single();

    /// <summary>What Redis holds of the queue.</summary>
    public async Task<int> CountInJournalAsync() => (await AnAppend.ReadAllAsync(journal, Queue)).Count;

    /// <summary>The grain stops in good order.</summary>
    public async Task StopAsync()
    {
        if (_worker is not { } worker)
            return;
        await worker.StopAsync(TimeSpan.FromSeconds(5));
        if (worker.Spill is { } spill)
            _spills.Close(spill, sink.Name);
        await AbandonAsync();
    }

    /// <summary>The worker is gone without a word; its last progress is not stored.</summary>
    public async Task AbandonAsync()
    {
        if (_worker is { } worker)
            await worker.DisposeAsync();
        _worker = null;
    }

    public async ValueTask DisposeAsync()
    {
        await AbandonAsync();
        if (_deadLetters is not null)
            await _deadLetters.DisposeAsync();
        _metrics.Dispose();
        _letters.Delete(recursive: true);
    }
}
