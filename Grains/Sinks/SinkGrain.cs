using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Journal;
using Divolte.Grains.Placement;
using Divolte.Grains.Streaming;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Divolte.Grains.Sinks;

/// <summary>
/// One queue of one sink: takes its stream and hands it to a <see cref="SinkWorker"/>. Lives beside the reader of its queue, which starts it, and moves
/// with it. A delivery returns once the worker has the batch; what is confirmed is the worker's business.
/// </summary>
/// <remarks>
/// It moves by migration. If it only stopped, the next call of somebody who remembers where it was (the reader, a status page) would start it there again.
/// </remarks>
[ImplicitStreamSubscription(JournalStream.Namespace)]
[QueuePlacement]
[CollectionAgeLimit(AlwaysActive = true)]
internal sealed partial class SinkGrain(SinkWorkers workers, QueueOwners owners, IJournal journal, ILocalSiloDetails here, ILogger<SinkGrain> logger)
    : Grain, ISinkGrain, IStreamSubscriptionObserver, IAsyncObserver<JournalBatch>
{
    /// <summary>How long a graceful stop waits for the destination. Part of what the host allows for its stop.</summary>
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(10);

    private SinkWorker _worker = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var (sink, queue) = JournalStream.Parse(this.GetPrimaryKeyString());
        _worker = await workers.CreateAsync(sink, queue, cancellationToken);
        workers.Add(_worker);
        _worker.Start();
        this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(owners.LookPeriod, owners.LookPeriod) { Interleave = true });
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_worker is not { } worker)
            return;
        await worker.StopAsync(StopMax);
        workers.Remove(worker);
        await worker.DisposeAsync();
    }

    public async Task<QueueStart> AttachAsync(SiloAddress reader)
    {
        if (!reader.Equals(here.SiloAddress))
            FollowReader();
        if (_worker.IsReplaced)
        {
            DeactivateOnIdle();
            return default;
        }
        if (_worker.Confirmed.Incarnation == journal.Incarnation)
            return _worker.Condition.State == SinkState.Stopped ? default : QueueStart.At(_worker.Confirmed);
        // The journal may have come back shorter: the next activation stops with the reason, or goes on where somebody has decided.
        if (_worker.Condition.State != SinkState.Stopped || await IsDecidedAsync())
            DeactivateOnIdle();
        return default;
    }

    private Task LookAsync(CancellationToken cancellationToken)
    {
        if (_worker.IsReplaced)
            DeactivateOnIdle(); // the next activation claims the queue, and goes on from what is stored
        FollowReader();
        return Task.CompletedTask;
    }

    /// <summary>What is taken is written and confirmed, or not, before the next activation begins: the old writer ends first.</summary>
    private void FollowReader()
    {
        if (owners.FindOther(_worker.Queue) is not null)
            this.MigrateOnIdle();
    }

    private async Task<bool> IsDecidedAsync() =>
        await journal.ReadProgressAsync(_worker.Sink, _worker.Queue, CancellationToken.None) is { } progress && progress.Position.Incarnation == journal.Incarnation;

    public async Task<SinkStatus> GetStatusAsync()
    {
        var end = await journal.GetEndAsync(_worker.Queue, CancellationToken.None);
        return _worker.Describe(end) with { Silo = here.SiloAddress.ToString() };
    }

    public Task<RecordSample?> GetSampleAsync() => Task.FromResult(_worker.Sampler.Ask());

    /// <summary>The stream begins behind what the worker has, whatever the reader thinks.</summary>
    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        await handleFactory.Create<JournalBatch>().ResumeAsync(this, new JournalToken(_worker.Taken));

    public async Task OnNextAsync(JournalBatch item, StreamSequenceToken? token = null)
    {
        try
        {
            await _worker.AcceptAsync(item);
        }
        catch (JournalGapException exception)
        {
            LogGap(_worker.Sink, _worker.Queue, exception);
            DeactivateOnIdle(); // the next activation asks for everything behind its confirmed position
            throw;
        }
    }

    public Task OnErrorAsync(Exception ex)
    {
        LogStreamError(_worker.Sink, _worker.Queue, ex);
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    [LoggerMessage(EventIds.SinkMissedEvents, LogLevel.Error, "Sink {Sink} was given events out of order in queue {Queue}; it starts again where it was confirmed")]
    private partial void LogGap(string sink, int queue, Exception exception);

    [LoggerMessage(EventIds.SinkStreamError, LogLevel.Warning, "The stream of sink {Sink} in queue {Queue} reports trouble; it is delivered again")]
    private partial void LogStreamError(string sink, int queue, Exception exception);
}
