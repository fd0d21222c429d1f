using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>
/// Reads one queue on for one sink. A read waits until the journal has something, woken by the append, so an idle queue costs nothing, and a busy one is
/// not read for every append; it also waits while the sink has not confirmed enough, which is the only back-pressure on the way from journal to sink.
/// </summary>
internal sealed partial class JournalReceiver(
    string sink,
    int queue,
    IJournal journal,
    ReadQueue read,
    JournalWindow window,
    JournalWindows windows,
    IQueueConsumerGrain consumer,
    SiloAddress here,
    TimeProvider time,
    ILogger<JournalReceiver> logger) : IQueueAdapterReceiver, IDisposable
{
    /// <summary>An idle queue is looked at this often: a wake-up that got lost delays events by no more.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    /// <summary>How often the consumer is asked although there is no need.</summary>
    private static readonly TimeSpan AttachPeriod = TimeSpan.FromMinutes(1);

    /// <summary>How soon a consumer that is not ready is asked again, at first and at most.</summary>
    private static readonly TimeSpan AskAgainMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AskAgainMax = TimeSpan.FromSeconds(5);

    /// <summary>A batch of so many bytes is as good as full: whole entries rarely fill a read to its last byte.</summary>
    private readonly int _fullBytes = journal.GatherBytes / 4 * 3;

    private readonly CancellationTokenSource _shutdown = new();
    private long _attachedAt;

    /// <summary>When the last batch was read; null when the next one is not to wait, because there is more in the journal than one read brings.</summary>
    private long? _gatheringSince;

    /// <summary>Where to start is asked when reading begins: here the consumer may not be reachable yet.</summary>
    public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    /// <returns>One batch; none when the reader stops.</returns>
    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _shutdown.Token);
        for (var delay = AskAgainMin; !stop.IsCancellationRequested; delay = delay < AskAgainMax ? delay * 2 : AskAgainMax)
        {
            try
            {
                return [await ReadAsync(stop.Token)];
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break; // an exception here would be logged as a failed read
            }
            catch (Exception exception)
            {
                LogReadFailed(sink, queue, delay, exception);
                await Task.Delay(delay, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
        return [];
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    /// <summary>The consumer moves when the queue's next reader attaches to it.</summary>
    public async Task Shutdown(TimeSpan timeout)
    {
        await _shutdown.CancelAsync();
        windows.Close(sink, queue, window);
    }

    public void Dispose() => _shutdown.Dispose();

    private async Task<JournalBatch> ReadAsync(CancellationToken stop)
    {
        while (true)
        {
            if (window.IsPlaced && window.High.Incarnation != journal.Incarnation)
                window.Displace();
            if (!window.IsPlaced || window.IsFull)
            {
                await MakeRoomAsync(stop);
                continue;
            }

            if (time.GetElapsedTime(_attachedAt) >= AttachPeriod)
                await AskConsumerAsync(stop);
            await GatherAsync(stop);
            var moved = window.Moved;
            var after = window.High;
            var page = await read(sink, queue, after, journal.GatherBytes, stop);
            if (page.Entries.Count > 0)
            {
                var batch = new JournalBatch(JournalStream.StreamOf(sink, queue), after, page);
                _gatheringSince = batch.Bytes < _fullBytes ? time.GetTimestamp() : null;
                return batch;
            }
            await WaitForAppendAsync(after, moved, stop);
        }
    }

    /// <summary>Lets a batch grow behind one that was read just now.</summary>
    private async Task GatherAsync(CancellationToken stop)
    {
        if (_gatheringSince is not { } since || journal.GatherPeriod - time.GetElapsedTime(since) is not { Ticks: > 0 } rest)
            return;
        await Task.Delay(rest, time, stop);
    }

    private async Task DelayAsync(TimeSpan delay, Task until, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(until, Task.Delay(delay, time, end.Token));
        await end.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private async Task WaitForAppendAsync(JournalPosition after, Task moved, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(WaitMax);
        var appended = journal.WaitAsync(queue, after, end.Token).AsTask();
        try
        {
            // The window may be placed back while nothing new arrives.
            await Task.WhenAny(appended, moved);
        }
        finally
        {
            await end.CancelAsync();
            await appended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        stop.ThrowIfCancellationRequested();
        if (appended.IsFaulted)
            await appended;
    }

    /// <summary>Waits for the consumer: for its start, or for its confirmation, which a consumer on another silo gives only when asked.</summary>
    private async Task MakeRoomAsync(CancellationToken stop)
    {
        var delay = AskAgainMin;
        while (true)
        {
            var room = window.Room;
            if (await AskConsumerAsync(stop) is { IsReady: true } start)
            {
                if (window.IsPlaced)
                    window.Confirm(start.Position);
                else
                    window.Place(start.Position);
            }
            if (window is { IsPlaced: true, IsFull: false })
                return;
            await DelayAsync(delay, room, stop);
            delay = delay < AskAgainMax ? delay * 2 : AskAgainMax;
        }
    }

    private async Task<QueueStart> AskConsumerAsync(CancellationToken stop)
    {
        _attachedAt = time.GetTimestamp();
        try
        {
            return await consumer.AttachAsync(here).WaitAsync(stop);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogConsumerAway(sink, queue, exception);
            return default;
        }
    }

    [LoggerMessage(EventIds.ConsumerAway, LogLevel.Warning, "Sink {Sink} cannot be reached for queue {Queue}; asking again")]
    private partial void LogConsumerAway(string sink, int queue, Exception exception);

    [LoggerMessage(EventIds.JournalReadFailed, LogLevel.Error, "Queue {Queue} cannot be read for sink {Sink}; next try in {Delay}")]
    private partial void LogReadFailed(string sink, int queue, TimeSpan delay, Exception exception);
}
