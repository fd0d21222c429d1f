using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// Moves the oldest backlog of sinks with <c>on_full = detach</c> out of the journal when it grows beyond their maximum, so that the journal can be
/// trimmed for the others; and frees spill files that are passed.
/// </summary>
internal sealed partial class SinkSpiller(SinkCatalog sinks, SinkWorkers workers, SinkSpills spills, IJournal journal, ILogger<SinkSpiller> logger)
{
    /// <summary>Bytes moved at a time for all sinks, at most: a second's work for a slow disk, and other upkeep waits for it.</summary>
    private const long MoveBytesMax = 256 << 20;

    private readonly SpillMover _mover = new(journal);
    private bool _isFailing;

    /// <summary>Says at start what would surprise somebody who knows sinks of a single process.</summary>
    public void Announce()
    {
        if (spills.IsOff && sinks.Active.Any(sink => sinks.OptionsOf(sink.Name).OnFull == BacklogOverflow.Detach))
            LogOff();
    }

    /// <summary>Does what is due now.</summary>
    /// <param name="backlogs">What waits for each sink.</param>
    /// <param name="cancellationToken">Ends it between two writes.</param>
    public async Task RunAsync(IReadOnlyList<SinkBacklog> backlogs, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var worker in workers.Running)
                await _mover.ReleaseAsync(worker, cancellationToken);
            var left = MoveBytesMax;
            foreach (var backlog in backlogs)
            {
                var options = sinks.OptionsOf(backlog.Sink);
                var keptMax = Math.Min(options.BacklogMaximumBytes, StoreShare);
                if (options.OnFull == BacklogOverflow.Detach && backlog.Bytes > keptMax && !spills.IsOff)
                    left -= await SpillAsync(backlog.Sink, keptMax, left, cancellationToken);
            }
            _isFailing = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
                LogFailed(exception);
            _isFailing = true;
        }
    }

    /// <summary>A store in memory is small: sinks that may spill leave half of it to what comes.</summary>
    private long StoreShare => journal.Health.BytesMax is > 0 and var bytes ? bytes / 2 : long.MaxValue;

    /// <summary>Moves what a sink has too much in the journal, from the queues that have most. In a grid each silo keeps the share of its queues.</summary>
    /// <returns>How many bytes it moved.</returns>
    private async Task<long> SpillAsync(string sink, long keptMax, long movedMax, CancellationToken cancellationToken)
    {
        var moved = 0L;
        var held = new List<(SinkWorker Worker, long Bytes)>();
        foreach (var worker in workers.Running.Where(worker => worker.Sink == sink))
        {
            if (worker.Spill is not null)
                held.Add((worker, worker.EstimateJournalBytes(await journal.GetEndAsync(worker.Queue, cancellationToken))));
        }
        var kept = keptMax * held.Count / journal.Parameters.Queues;
        var bytes = Math.Min(held.Sum(queue => queue.Bytes) - kept, movedMax);
        if (bytes > 0)
            await spills.CheckAsync(cancellationToken);
        foreach (var (worker, inJournal) in held.OrderByDescending(queue => queue.Bytes))
        {
            if (moved >= bytes)
                break;
            moved += await _mover.MoveAsync(worker, Math.Min(bytes - moved, inJournal), cancellationToken);
        }
        if (moved > 0)
            LogSpilled(sink, moved);
        return moved;
    }

    [LoggerMessage(EventIds.BacklogSpilled, LogLevel.Information, "Sink {Sink} has more waiting than its maximum: {Bytes} bytes of its oldest backlog moved to spill files (on_full = detach)")]
    private partial void LogSpilled(string sink, long bytes);

    [LoggerMessage(EventIds.SpillOff, LogLevel.Information, "Nothing spills here: the backlog of sinks with on_full = detach stays in Redis, whose memory is its bound. divolte.global.grid.spill.directory, a directory that all silos share, would take it")]
    private partial void LogOff();

    [LoggerMessage(EventIds.SpillFailed, LogLevel.Warning, "Backlog cannot be moved to spill files; it stays in the journal, and it is tried again")]
    private partial void LogFailed(Exception exception);
}
