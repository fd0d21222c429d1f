using System.Diagnostics.CodeAnalysis;

namespace Divolte.Frontend.Submission;

/// <summary>
/// The parts of one shard, in order. Only the oldest is ever delivered, and the next only when its outcome is known or it was given up: so nothing
/// overtakes, and a shard has at most one sequence of this frontend to remember. Guarded by the batcher's lock.
/// </summary>
internal sealed class ShardLane(int shard)
{
    private readonly Queue<BatchPart> _parts = new();
    private BatchPart? _open;
    private long _lastSequence;

    public int Shard { get; } = shard;

    /// <summary>Whether the lane stands in the queue of those that could be delivered.</summary>
    public bool IsQueued { get; set; }

    /// <summary>The part that takes further events; null when the next event needs a new one.</summary>
    public BatchPart? OpenFor(int frameLength, SubmissionBounds bounds) =>
        _open is { State: BatchPartState.Waiting, Deliveries: 0 } part
        && part.EventCount < bounds.PartEventsMax
        && part.FramesLength + frameLength <= bounds.PartBytesMax
            ? part
            : null;

    public void Add(BatchPart part)
    {
        _parts.Enqueue(part);
        _open = part;
    }

    /// <summary>The oldest part that is not settled.</summary>
    public bool TryPeek([NotNullWhen(true)] out BatchPart? part)
    {
        while (_parts.TryPeek(out part) && part.State == BatchPartState.Settled)
            _parts.Dequeue();
        return part is not null;
    }

    /// <summary>Closes a part for further events and numbers it, unless it has its number from an earlier delivery.</summary>
    public void Seal(BatchPart part)
    {
        if (part.Sequence == 0)
            part.Sequence = ++_lastSequence;
        if (_open == part)
            _open = null;
        part.Deliveries++;
    }
}
