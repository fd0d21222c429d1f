using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>
/// Moves the oldest backlog of sinks with <c>on_full = detach</c> out of the journal when it grows beyond their maximum, so that the journal can be
/// trimmed for the others; and frees spill files that are passed.
/// </summary>
internal sealed partial class SinkSpiller(SinkCatalog sinks, SinkWorkers workers, IJournal journal, ILogger<SinkSpiller> logger)
{
    /// <summary>Bytes moved at a time for all sinks, at most: a second's work for a slow disk, and other upkeep waits for it.</summary>
    private const long MoveBytesMax = 256 << 20;

    private readonly SpillMover _mover = new(journal);
    private bool _isFailing;

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
                if (options.OnFull == BacklogOverflow.Detach && backlog.Bytes > options.BacklogMaximumBytes)
                    left -= await SpillAsync(backlog.Sink, options.BacklogMaximumBytes, left, cancellationToken);
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

    /// <summary>Moves what a sink has too much in the journal, from the queues that have most.</summary>
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
        var bytes = Math.Min(held.Sum(queue => queue.Bytes) - keptMax, movedMax);
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

    [LoggerMessage(EventIds.SpillFailed, LogLevel.Warning, "Backlog cannot be moved to spill files; it stays in the journal, and it is tried again")]
    private partial void LogFailed(Exception exception);
}
