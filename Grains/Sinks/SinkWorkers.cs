using System.Collections.Concurrent;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Spill;
using Divolte.Grains.Sinks.Unwritten;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks;

/// <summary>Makes the workers of this process and knows those that run, so that figures can be read without asking a grain.</summary>
internal sealed class SinkWorkers(
    DivolteConfiguration configuration,
    SinkCatalog sinks,
    MappingsOfSink mappings,
    SinkCursors cursors,
    SinkSpills spills,
    IJournal journal,
    JournalWindows windows,
    GridMetrics metrics,
    TimeProvider time,
    ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Sink, int Queue), SinkWorker> _running = new();
    private readonly ConcurrentDictionary<string, DeadLetters> _deadLetters = new();

    /// <summary>The workers that run in this process.</summary>
    public IReadOnlyCollection<SinkWorker> Running => [.. _running.Values];

    /// <summary>The worker of a queue; null when it does not run in this process.</summary>
    public SinkWorker? Find(string sink, int queue) => _running.GetValueOrDefault((sink, queue));

    /// <summary>Where the dead letters of a sink lie.</summary>
    public static string DeadLetterDirectoryOf(SinkOptions sink, DivolteConfiguration configuration) =>
        sink.DeadLetters ?? Path.Combine(configuration.Global.Grid.DataDirectory, "dead-letters");

    /// <summary>A worker that goes on where the sink's progress is, not started.</summary>
    /// <exception cref="KeyNotFoundException">No active sink has this name.</exception>
    /// <exception cref="IOException">Its spill files cannot be read; its events are not delivered around them.</exception>
    public async Task<SinkWorker> CreateAsync(string sink, int queue, CancellationToken cancellationToken)
    {
        var destination = sinks.Get(sink);
        var progress = await cursors.EnsureAsync(sink, queue, cancellationToken);
        var (claimed, spill) = await spills.OpenAsync(sink, progress, cancellationToken);
        var worker = new SinkWorker(destination, claimed, mappings(sink), Services()) { Spill = spill };
        if (spills.FindRefusal(claimed) is { } refusal)
            worker.Refuse(refusal);
        return worker;
    }

    public void Add(SinkWorker worker) => _running[(worker.Sink, worker.Queue)] = worker;

    public void Remove(SinkWorker worker)
    {
        _running.TryRemove(KeyValuePair.Create((worker.Sink, worker.Queue), worker));
        if (worker.Spill is { } spill)
            spills.Close(spill, worker.Sink);
    }

    /// <summary>Lets files of dead letters go that nothing was added to of late.</summary>
    public async Task ReleaseIdleLettersAsync(CancellationToken cancellationToken)
    {
        foreach (var letters in _deadLetters.Values)
            await letters.ReleaseIdleAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var letters in _deadLetters.Values)
            await letters.DisposeAsync();
    }

    private DeadLetters DeadLettersOf(string sink) => _deadLetters.GetOrAdd(
        sink,
        name => new DeadLetters(name, DeadLetterDirectoryOf(sinks.OptionsOf(name), configuration), time, loggers.CreateLogger<DeadLetters>()));

    private SinkWorkerServices Services() => new(
        journal,
        DeadLettersOf,
        windows.Confirm,
        () => new RetryDelay(RetryFirst, RetryMax, new Random()),
        metrics,
        time,
        loggers.CreateLogger<SinkWorker>());
}
