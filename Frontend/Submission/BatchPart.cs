using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Submission;

/// <summary>Where a part is on its way.</summary>
internal enum BatchPartState : byte
{
    /// <summary>Collecting, or waiting for a free call.</summary>
    Waiting,

    /// <summary>In a call.</summary>
    Called,

    /// <summary>Waiting for its next delivery.</summary>
    Pausing,

    /// <summary>Its outcome is known, or it was given up.</summary>
    Settled,
}

/// <summary>
/// Events of one shard that go together: the unit of redelivery. It owns its frames until it is settled; a call gets a copy, so that a call that never
/// answers cannot share bytes with a later one. Guarded by the batcher's lock.
/// </summary>
internal sealed class BatchPart(ShardLane lane, long createdAt) : IDisposable
{
    private readonly FrameBuffer _frames = new();
    private PendingEvent?[] _waiting = new PendingEvent?[4];

    public ShardLane Lane { get; } = lane;

    /// <summary>When its first event was taken.</summary>
    public long CreatedAt { get; } = createdAt;

    public BatchPartState State { get; set; }

    /// <summary>Its number in the shard; 0 until its first delivery.</summary>
    public long Sequence { get; set; }

    /// <summary>Deliveries so far.</summary>
    public int Deliveries { get; set; }

    /// <summary>When it may be delivered again.</summary>
    public long RetryAt { get; set; }

    /// <summary>A call ended without an outcome, so that it may be written.</summary>
    public bool MayBeWritten { get; set; }

    public int EventCount { get; private set; }

    /// <summary>Requests that still wait for an answer.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Events that were answered as received before they were durable.</summary>
    public int ReceivedCount { get; private set; }

    public int FramesLength => _frames.Length;

    public ReadOnlySpan<byte> Frames => _frames.Written;

    /// <summary>The part before it and behind it in the order of creation.</summary>
    public BatchPart? Older { get; set; }

    /// <inheritdoc cref="Older"/>
    public BatchPart? Newer { get; set; }

    /// <summary>Copies a frame in.</summary>
    /// <param name="frame">One complete frame.</param>
    /// <param name="pending">The request that waits for its outcome; null when it has its answer already.</param>
    public void Add(ReadOnlySpan<byte> frame, PendingEvent? pending)
    {
        frame.CopyTo(_frames.Append(frame.Length));
        if (EventCount == _waiting.Length)
            Array.Resize(ref _waiting, 2 * EventCount);
        _waiting[EventCount++] = pending;
        if (pending is null)
            ReceivedCount++;
        else
            WaitingCount++;
    }

    /// <summary>Takes out every request that waits, in front of a chain of outcomes.</summary>
    public OutcomeChunk? Answer(SubmitOutcome outcome, OutcomeChunk? chain) => Answer(outcome, long.MaxValue, chain);

    /// <summary>Takes out the requests that came at or before a time.</summary>
    public OutcomeChunk? Answer(SubmitOutcome outcome, long submittedUpTo, OutcomeChunk? chain)
    {
        if (WaitingCount == 0)
            return chain;
        foreach (ref var pending in _waiting.AsSpan(0, EventCount))
        {
            if (pending is null || pending.SubmittedAt > submittedUpTo)
                continue;
            chain = OutcomeChunk.Add(chain, pending, outcome);
            pending = null;
            WaitingCount--;
        }
        return chain;
    }

    /// <summary>Gives the frames back.</summary>
    public void Dispose() => _frames.Dispose();
}
