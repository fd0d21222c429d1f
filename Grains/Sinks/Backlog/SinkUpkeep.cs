using Divolte.Grains.Journal;
using Divolte.Grains.Sinks.Spill;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Sinks.Backlog;

/// <summary>
/// What a process does beside its sinks: measures the backlogs, spills what is too much of them, frees in the journal what all sinks have passed, and lets
/// files of dead letters go.
/// </summary>
internal sealed partial class SinkUpkeep(
    IJournal journal, BacklogMonitor monitor, SinkSpiller spiller, SinkWorkers workers, TimeProvider time, ILogger<SinkUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Trimming is a scan of files or keys; the space of a few seconds does not matter.</summary>
    private const int PeriodsPerTrim = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        spiller.Announce();
        using var timer = new PeriodicTimer(Period, time);
        for (var period = 1; await timer.WaitForNextTickAsync(stoppingToken); period++)
        {
            try
            {
                await workers.ReleaseIdleLettersAsync(stoppingToken);
                await spiller.RunAsync(await monitor.MeasureAsync(stoppingToken), stoppingToken);
                if (period % PeriodsPerTrim == 0)
                    await journal.TrimAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(EventIds.UpkeepFailed, LogLevel.Warning, "The backlogs could not be measured, or the journal not trimmed; trying again")]
    private partial void LogFailed(Exception exception);
}
