using Divolte.Frontend.Spool;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Identity;

namespace Divolte.Frontend.Submission;

/// <summary>Event → batch of its destination → its verdict.</summary>
internal sealed class EventSubmitter : IAsyncDisposable
{
    private readonly ShardMap _shards;
    private readonly ShardBatcher _batcher;
    private readonly Func<int> _format;

    /// <param name="shards">Shards of the cluster, as its journal has them.</param>
    /// <param name="grid">Holds the answer time-out.</param>
    /// <param name="send">The way into the grid: <c>IIntakeGrain.SubmitAsync</c>.</param>
    /// <param name="time">The clock of time-outs and pauses.</param>
    /// <param name="dropped">Hears of every good event that ends here: the only place that counts them.</param>
    /// <param name="bounds">Bounds other than the defaults.</param>
    /// <param name="schedule">Runs the waking of requests; the thread pool by default.</param>
    /// <param name="frontend">Id of this start of the process; random by default. A spool has its own.</param>
    /// <param name="spool">Takes what the grid does not take in time; without it those clients get 503. Stays the caller's, who closes it afterwards.</param>
    /// <param name="format">The format of the cluster's frames, which may be raised; the latest by default.</param>
    public EventSubmitter(
        ShardMap shards,
        GridOptions grid,
        SendBatch send,
        TimeProvider time,
        EventDropped? dropped = null,
        SubmissionBounds? bounds = null,
        Action<IThreadPoolWorkItem>? schedule = null,
        Guid? frontend = null,
        EventSpool? spool = null,
        Func<int>? format = null)
    {
        _shards = shards;
        _format = format ?? (static () => GridFormat.Latest);
        _batcher = new ShardBatcher(
            spool?.Frontend ?? frontend ?? Guid.NewGuid(),
            shards.Shards,
            grid.AnswerTimeout,
            send,
            bounds ?? new SubmissionBounds(),
            time,
            dropped ?? (static (_, _) => { }),
            schedule ?? (static chunk => ThreadPool.UnsafeQueueUserWorkItem(chunk, preferLocal: false)),
            spool);
    }

    /// <summary>Whether the last batch was answered by the grid.</summary>
    public bool IsGridAnswering => _batcher.IsGridAnswering;

    /// <summary>Why not; empty otherwise. For operators, not for clients.</summary>
    public string Trouble => _batcher.Trouble;

    public SubmissionFigures Figures => _batcher.Figures;

    /// <summary>
    /// Takes one complete frame and gives it the cluster's format. The bytes are copied before the call returns. The result is final within <c>answer_timeout</c>, or
    /// when a spool that was asked late has had its time; with <see cref="Acknowledgement.Received"/> it is there at once.
    /// </summary>
    /// <remarks>Await the result exactly once: its source is used again.</remarks>
    public ValueTask<SubmitOutcome> SubmitAsync(Span<byte> frame, Acknowledgement acknowledge)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(EventFrame.LengthOf(frame), frame.Length);
        EventFrame.SetFormat(frame, _format());
        var shard = _shards.ShardOf(EventFrame.ShardHashOf(frame));
        return _batcher.SubmitAsync(shard, frame, isAwaited: acknowledge == Acknowledgement.Durable);
    }

    /// <summary>Refuses new events with <see cref="SubmitOutcome.Stopping"/>, and waits until all that were taken have their outcome.</summary>
    /// <param name="cancellationToken">Ends the waiting: what has no outcome then is given up.</param>
    public Task DrainAsync(CancellationToken cancellationToken) => _batcher.DrainAsync(cancellationToken);

    public ValueTask DisposeAsync() => _batcher.DisposeAsync();
}
