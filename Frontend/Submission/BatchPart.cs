using Divolte.Frontend.Spool;
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
/// Events of one shard that go together: the unit of redelivery. It owns its frames until it is settled or in the spool; a call gets a copy, so that a call
/// that never answers cannot share bytes with a later one. Guarded by the batcher's lock.
/// </summary>
internal sealed class BatchPart : IDisposable
{
    private FrameBuffer? _frames;
    private PendingEvent?[] _waiting = [];

    /// <summary>A part that collects events.</summary>
    public BatchPart(ShardLane lane, Guid frontend, long createdAt)
    {
        Lane = lane;
        Frontend = frontend;
        CreatedAt = createdAt;
        _frames = new FrameBuffer();
        _waiting = new PendingEvent?[4];
    }

    /// <summary>A part that lies in the spool.</summary>
    public BatchPart(ShardLane lane, SpoolEntry entry)
    {
        Lane = lane;
        Frontend = entry.Segment.Frontend;
        Spooled = entry;
        Sequence = entry.Sequence;
        EventCount = entry.EventCount;
        FramesLength = entry.FramesLength;
    }

    public ShardLane Lane { get; }

    /// <summary>Under whose id it is delivered: this life of the process, or an earlier one whose spool is sent.</summary>
    public Guid Frontend { get; }

    /// <summary>Where it lies in the spool, durable; null while it does not.</summary>
    public SpoolEntry? Spooled { get; set; }

    /// <summary>It is being written to the spool, and takes no more events.</summary>
    public bool IsSpooling { get; set; }

    /// <summary>When the disk was given it for the first time; null until then.</summary>
    public long? OfferedAt { get; set; }

    /// <summary>The spool could not read it back.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>It ended without being durable.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>When its first event was taken.</summary>
    public long CreatedAt { get; }

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

    public int FramesLength { get; private set; }

    /// <summary>Its frames; empty when they are only in the spool.</summary>
    public ReadOnlySpan<byte> Frames => _frames is null ? default : _frames.Written;

    /// <summary>The part before it and behind it in the order of creation.</summary>
    public BatchPart? Older { get; set; }

    /// <inheritdoc cref="Older"/>
    public BatchPart? Newer { get; set; }

    /// <summary>Copies a frame in.</summary>
    /// <param name="frame">One complete frame.</param>
    /// <param name="pending">The request that waits for its outcome; null when it has its answer already.</param>
    public void Add(ReadOnlySpan<byte> frame, PendingEvent? pending)
    {
        frame.CopyTo(_frames!.Append(frame.Length));
        FramesLength = _frames.Length;
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
    public void Dispose()
    {
        _frames?.Dispose();
        _frames = null;
    }
}
