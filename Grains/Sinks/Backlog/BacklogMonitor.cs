using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Backlog;

/// <summary>
/// Measures what waits for each sink, wherever it runs: the journal's own counts of what it accepted, less what the stored or running ledger has passed.
/// </summary>
internal sealed partial class BacklogMonitor(
    IJournal journal,
    BacklogGuard guard,
    SinkCatalog sinks,
    SinkWorkers workers,
    GridMetrics metrics,
    TimeProvider time,
    ILogger<BacklogMonitor> logger)
{
    /// <summary>For a sink that runs elsewhere: what an event usually takes in the journal.</summary>
    private const long UsualEventBytes = 1024;

    /// <summary>Appends are taken again once the backlog is under this share of its maximum, so that the answer does not flicker.</summary>
    private const double AcceptAgainShare = 0.9;

    private JournalPosition[] _measuredAt = [];
    private IReadOnlyList<SinkBacklog> _backlogs = [];

    /// <summary>Measures all sinks, publishes the figures and decides whether appends are taken.</summary>
    /// <returns>One figure per active sink.</returns>
    public async Task<IReadOnlyList<SinkBacklog>> MeasureAsync(CancellationToken cancellationToken)
    {
        var ends = new QueueEnd[journal.Parameters.Queues];
        for (var queue = 0; queue < ends.Length; queue++)
            ends[queue] = await journal.GetEndAsync(queue, cancellationToken);
        var positions = Array.ConvertAll(ends, end => end.Position);
        if (positions.AsSpan().SequenceEqual(_measuredAt) && _backlogs.All(backlog => backlog.Events == 0))
            return _backlogs; // nothing came, and nothing waited: an idle process does nothing
        var stored = (await journal.ListProgressAsync(cancellationToken)).ToDictionary(progress => (progress.Sink, progress.Queue));
        var backlogs = sinks.Active.Select(sink => Measure(sink.Name, ends, stored)).ToList();
        metrics.ObserveBacklogs(backlogs);
        Decide(backlogs);
        _measuredAt = positions;
        return _backlogs = backlogs;
    }

    private SinkBacklog Measure(string sink, QueueEnd[] ends, Dictionary<(string Sink, int Queue), SinkProgress> stored)
    {
        long events = 0, bytes = 0, spilled = 0;
        DateTimeOffset? oldest = null;
        for (var queue = 0; queue < ends.Length; queue++)
        {
            if (workers.Find(sink, queue) is { } worker)
            {
                events += worker.Ledger.CountPending(ends[queue].Accepted);
                bytes += worker.EstimateBacklogBytes(ends[queue]);
                spilled += worker.Spill?.Bytes ?? 0;
                if (worker.OldestWaiting is { } waiting && (oldest is null || waiting < oldest))
                    oldest = waiting;
            }
            else if (stored.TryGetValue((sink, queue), out var progress))
            {
                var pending = LossLedger.Parse(progress.Ledger).CountPending(ends[queue].Accepted);
                events += pending;
                bytes += pending * UsualEventBytes;
                spilled += progress.Claim?.Bytes ?? 0;
            }
        }
        return new SinkBacklog(sink, events, bytes, spilled, oldest is null ? TimeSpan.Zero : time.GetUtcNow() - oldest.Value);
    }

    private void Decide(IReadOnlyList<SinkBacklog> backlogs)
    {
        var share = guard.Rejection is null ? 1 : AcceptAgainShare;
        var full = backlogs.FirstOrDefault(backlog =>
            sinks.OptionsOf(backlog.Sink) is { OnFull: BacklogOverflow.Reject } options && backlog.Bytes > options.BacklogMaximumBytes * share);
        if (full is not null && guard.Rejection is null)
            LogRejecting(full.Sink, full.Bytes);
        else if (full is null && guard.Rejection is not null)
            LogAccepting();
        guard.Rejection = full is null ? null : $"the backlog of sink {full.Sink} is at its maximum";
    }

    [LoggerMessage(EventIds.BacklogFull, LogLevel.Error, "Sink {Sink} has {BacklogBytes} bytes waiting, which is its maximum: new events are refused (on_full = reject)")]
    private partial void LogRejecting(string sink, long backlogBytes);

    [LoggerMessage(EventIds.BacklogAccepting, LogLevel.Information, "New events are taken again: no backlog is at its maximum")]
    private partial void LogAccepting();
}
