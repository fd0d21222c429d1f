using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks;

/// <summary>
/// For a graceful stop, when nothing new arrives: waits until every sink that works has taken what the journal holds. What a sink has taken it confirms when it
/// is stopped; what it has not waits in the journal for the next start.
/// </summary>
internal sealed class SinkDrain(SinkWorkers workers, SinkCatalog sinks, IJournal journal, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    /// <param name="limit">The longest wait. A sink that pauses or is stopped is not waited for.</param>
    public async Task CatchUpAsync(TimeSpan limit)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < limit && !await IsCaughtUpAsync())
            await Task.Delay(LookAgain, time);
    }

    private async Task<bool> IsCaughtUpAsync()
    {
        for (var queue = 0; queue < journal.Parameters.Queues; queue++)
        {
            var end = (await journal.GetEndAsync(queue, CancellationToken.None)).Position.Offset;
            foreach (var sink in sinks.Active)
            {
                if (!await IsCaughtUpAsync(sink.Name, queue, end))
                    return false;
            }
        }
        return true;
    }

    private async Task<bool> IsCaughtUpAsync(string sink, int queue, long end)
    {
        var worker = workers.Running.FirstOrDefault(worker => worker.Sink == sink && worker.Queue == queue);
        if (worker is not null)
            return worker.Condition.State != SinkState.Running || worker.Taken.Offset >= end;
        // Its grain has not started yet, or never had a reason to.
        return await journal.ReadProgressAsync(sink, queue, CancellationToken.None) is { } progress && progress.Position.Offset >= end;
    }
}
