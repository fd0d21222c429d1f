using System.Diagnostics.CodeAnalysis;
using Divolte.Frontend.Spool;

namespace Divolte.Frontend.Submission;

/// <summary>
/// The parts of one shard, in order: the one that is delivered, then those in the spool, then those in memory. Only the first is ever delivered, and the next
/// only when its outcome is known or it was given up: so nothing overtakes, and a shard has at most one sequence of this frontend to remember. Guarded by the
/// batcher's lock.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A part gives its frames back when it ends, which the batcher sees to.")]
internal sealed class ShardLane(int shard)
{
    private readonly Queue<BatchPart> _parts = new();
    private Queue<SpoolEntry>? _spooled;
    private BatchPart? _current;
    private BatchPart? _open;
    private long _lastSequence;

    public int Shard { get; } = shard;

    /// <summary>Whether the lane stands in the queue of those that could be delivered.</summary>
    public bool IsQueued { get; set; }

    /// <summary>
    /// Whether events that come now would wait for the disk anyway: there are parts in the spool, and not only the last one, on its way. Those go to the spool
    /// at once.
    /// </summary>
    public bool IsBehindSpool => _spooled is { Count: > 0 } || _current is { Spooled: not null, State: BatchPartState.Waiting or BatchPartState.Pausing };

    /// <summary>The part that takes further events; null when the next event needs a new one.</summary>
    public BatchPart? OpenFor(int frameLength, SubmissionBounds bounds) =>
        _open is { State: BatchPartState.Waiting, IsSpooling: false } part
        && part.EventCount < bounds.PartEventsMax
        && part.FramesLength + frameLength <= bounds.PartBytesMax
            ? part
            : null;

    public void Add(BatchPart part)
    {
        _parts.Enqueue(part);
        _open = part;
    }

    /// <summary>Adds a part that lies in the spool, behind those that do.</summary>
    public void Add(SpoolEntry entry) => (_spooled ??= new Queue<SpoolEntry>()).Enqueue(entry);

    /// <summary>The oldest part that is not settled.</summary>
    public bool TryPeek([NotNullWhen(true)] out BatchPart? part)
    {
        if (_current is { State: BatchPartState.Settled })
            _current = null;
        if (_current is null && _spooled is { Count: > 0 })
            _current = new BatchPart(this, _spooled.Dequeue());
        if (_current is not null)
        {
            part = _current;
            return true;
        }
        while (_parts.TryPeek(out part) && part.State == BatchPartState.Settled)
            _parts.Dequeue();
        return part is not null;
    }

    /// <summary>Takes the oldest part for a delivery: closes it for further events and numbers it.</summary>
    public void Seal(BatchPart part)
    {
        Number(part);
        part.Deliveries++;
        if (part == _current)
            return;
        _parts.Dequeue();
        _current = part;
    }

    /// <summary>Closes a part for further events and gives it its sequence, unless it has one.</summary>
    public void Number(BatchPart part)
    {
        if (part.Sequence == 0)
            part.Sequence = ++_lastSequence;
        if (_open == part)
            _open = null;
    }

    /// <summary>A part is in the spool now. Unless it is the one that is delivered, only its place there is kept.</summary>
    /// <returns>Whether the part itself is no longer needed.</returns>
    public bool MoveToSpool(BatchPart part)
    {
        if (part == _current)
            return false;
        while (_parts.Peek() != part)
            _parts.Dequeue(); // older ones are settled: what waits in memory goes to the spool in order
        _parts.Dequeue();
        Add(part.Spooled!.Value);
        return true;
    }
}
