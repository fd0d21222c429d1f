using System.Runtime.InteropServices;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;
using Divolte.Grains.Telemetry;

namespace Divolte.Grains.Deduplication;

/// <summary>
/// What happens to the events of one shard, under one epoch: reserve → append → confirm. Every event leaves with exactly one verdict.
/// </summary>
/// <remarks>
/// Thread-safe: parts come through the shard's grain and, on the same silo, directly. That is safe because not the grain but the epoch makes a shard
/// single: when another activation has claimed it, every append of this one fails. The lock is never held during a write.
/// A part that holds reservations never waits for another, so parts cannot wait for each other in a circle.
/// Nothing here belongs to the grain that calls, so the journal's answer is taken where it comes: a hop to the grain's scheduler for every part was most of
/// what a part costs. A simulation, in which everything must happen in one place, has it otherwise (<c>staysInContext</c>).
/// </remarks>
internal sealed class ShardPipeline(
    int shard, long epoch, ShardMemory memory, IJournal journal, SourceTally sources, GridMetrics metrics, bool staysInContext = false)
{
    private readonly Lock _lock = new();
    private readonly List<PendingAppend> _pending = [];
    private readonly TaskCompletionSource<AppendStatus> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _emptied;
    private long _firstSights;
    private long _repetitions;
    private bool _isClosed;

    public long Epoch => epoch;

    /// <summary>
    /// Ends when no append can succeed any more: with <see cref="AppendStatus.StaleEpoch"/> when the shard lives elsewhere, with
    /// <see cref="AppendStatus.Unknown"/> when it must be claimed anew to learn what was written. The pipeline is closed then.
    /// </summary>
    public Task<AppendStatus> Lost => _lost.Task;

    /// <summary>Gives every event of a part its verdict.</summary>
    /// <param name="frontend">Who delivered the part.</param>
    /// <param name="head">The part's head.</param>
    /// <param name="frames">Its frames. Their duplicate flags are written here: nobody else may read or write them until this returns.</param>
    /// <param name="verdicts">Takes an <see cref="EventVerdict"/> for each event.</param>
    /// <param name="cancellationToken">Ends the waiting for room in the journal, not a write under way.</param>
    /// <returns>False when the pipeline is closed: there are no verdicts, and another activation may take the part.</returns>
    /// <exception cref="InvalidDataException">The frames are not what the head says. Nothing was written.</exception>
    public async ValueTask<bool> AcceptAsync(
        Guid frontend, BatchPartHead head, ReadOnlyMemory<byte> frames, Memory<byte> verdicts, CancellationToken cancellationToken)
    {
        var counts = sources.Count(frames.Span, head.EventCount);
        var mine = new PendingAppend(frontend, head.Sequence, head.EventCount);
        while (true)
        {
            Task? other;
            lock (_lock)
            {
                if (_isClosed)
                    return false;
                if (IsAnswered(frontend, head, verdicts.Span))
                    return true;
                other = (FindDelivery(frontend, head.Sequence) ?? Reserve(mine, frames, verdicts.Span))?.Ended;
                if (other is null)
                    _pending.Add(mine);
            }
            if (other is null)
                break;
            // The same part, or one of its events, is being written: what becomes of that decides whether this is a repetition.
            await other.ConfigureAwait(staysInContext);
        }
        var append = new ShardAppend(shard, epoch, frontend, head.Sequence, head.SettledBelow, head.EventCount, frames, counts);
        var outcome = await AppendAsync(append, mine, cancellationToken).ConfigureAwait(staysInContext);
        Conclude(outcome.Status, verdicts.Span);
        return true;
    }

    /// <summary>Takes no more parts, and waits for those under way; the memory is then complete and at rest.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (_pending.Count == 0)
                return Task.CompletedTask;
            _emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _emptied.Task;
        }
    }

    /// <summary>Forgets what is due, so many events at most.</summary>
    public void Expire(int most)
    {
        lock (_lock)
        {
            if (!_isClosed)
                memory.Expire(most);
        }
    }

    /// <summary>How many events are remembered, in how many bytes, and for how long.</summary>
    public (int Events, long Bytes, TimeSpan Window) Remembered
    {
        get
        {
            lock (_lock)
                return (memory.Window.Count, memory.Window.Bytes, memory.EffectiveWindow);
        }
    }

    /// <summary>Events appended through this pipeline: new ones, and repeated ones.</summary>
    public (long FirstSights, long Repetitions) Counted => (Interlocked.Read(ref _firstSights), Interlocked.Read(ref _repetitions));

    /// <summary>Answers a part without a write, if it was delivered before.</summary>
    private bool IsAnswered(Guid frontend, BatchPartHead head, Span<byte> verdicts)
    {
        EventVerdict verdict;
        switch (memory.Redeliveries.See(frontend, head.Sequence, head.SettledBelow))
        {
            case PartSight.New:
                return false;
            case PartSight.Written:
                verdict = EventVerdict.AlreadyWritten;
                break;
            case PartSight.Settled:
                verdict = EventVerdict.Settled;
                break;
            case PartSight.TooMany:
                verdict = EventVerdict.Retry;
                break;
            default:
                throw new InvalidOperationException("A part is new, written, settled, or one too many.");
        }
        verdicts.Fill((byte)verdict);
        metrics.CountVerdicts(verdict, verdicts.Length);
        return true;
    }

    private PendingAppend? FindDelivery(Guid frontend, long sequence)
    {
        foreach (var pending in _pending)
        {
            if (pending.Sequence == sequence && pending.Frontend == frontend)
                return pending;
        }
        return null;
    }

    /// <summary>Reserves the first sights of a part and flags its repetitions; or nothing, when an event is reserved by another.</summary>
    /// <returns>The other part, to be waited for.</returns>
    private PendingAppend? Reserve(PendingAppend mine, ReadOnlyMemory<byte> frames, Span<byte> verdicts)
    {
        var now = memory.Clock.Now;
        var rest = MemoryMarshal.AsMemory(frames).Span;
        for (var index = 0; index < verdicts.Length; index++)
        {
            var frame = rest[..EventFrame.LengthOf(rest)];
            var key = Math.Max(EventFrame.IdentityKeyOf(frame), 1); // no frontend sends 0, which the memory has for "none"
            var sight = memory.Window.See(key, now, out var holder);
            if (sight == EventSight.Reserved && holder != mine)
            {
                memory.Window.Release(mine.FirstSights);
                mine.Clear();
                return holder;
            }
            if (sight == EventSight.First)
            {
                memory.Window.Reserve(key, mine);
                mine.Add(key);
            }
            // Reserved by this part itself: a repetition within the part, which is written with the first sight or not at all.
            EventFrame.MarkDuplicate(frame, isDuplicate: sight != EventSight.First);
            verdicts[index] = (byte)(sight == EventSight.First ? EventVerdict.Accepted : EventVerdict.Duplicate);
            rest = rest[frame.Length..];
        }
        return null;
    }

    private async ValueTask<AppendOutcome> AppendAsync(ShardAppend append, PendingAppend mine, CancellationToken cancellationToken)
    {
        var outcome = new AppendOutcome(AppendStatus.Unknown, default); // stays so if the journal throws
        try
        {
            outcome = await journal.AppendAsync(append, cancellationToken).ConfigureAwait(staysInContext);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = new AppendOutcome(AppendStatus.Unavailable, default); // gave up waiting for room: nothing was written
        }
        finally
        {
            Settle(append, mine, outcome);
        }
        return outcome;
    }

    private void Settle(ShardAppend append, PendingAppend mine, AppendOutcome outcome)
    {
        lock (_lock)
        {
            switch (outcome.Status)
            {
                case AppendStatus.Appended:
                    memory.Clock.Set(outcome.StoreTime);
                    memory.Window.Confirm(mine.FirstSights, outcome.StoreTime);
                    memory.Redeliveries.Add(append.Frontend, append.Sequence, append.SettledBelow, outcome.StoreTime);
                    break;
                case AppendStatus.Unavailable:
                    memory.Window.Release(mine.FirstSights);
                    break;
                case AppendStatus.StaleEpoch:
                case AppendStatus.Unknown:
                    memory.Window.Release(mine.FirstSights);
                    _isClosed = true;
                    _lost.TrySetResult(outcome.Status);
                    break;
                default:
                    throw new InvalidOperationException($"Append status {outcome.Status} has no meaning.");
            }
            _pending.Remove(mine);
            mine.End();
            if (_pending.Count == 0)
                _emptied?.TrySetResult();
        }
    }

    private void Conclude(AppendStatus status, Span<byte> verdicts)
    {
        if (status == AppendStatus.Appended)
        {
            var accepted = verdicts.Count((byte)EventVerdict.Accepted);
            metrics.CountVerdicts(EventVerdict.Accepted, accepted);
            metrics.CountVerdicts(EventVerdict.Duplicate, verdicts.Length - accepted);
            Interlocked.Add(ref _firstSights, accepted);
            Interlocked.Add(ref _repetitions, verdicts.Length - accepted);
            return;
        }
        var verdict = status == AppendStatus.Unavailable ? EventVerdict.Unavailable : EventVerdict.Retry;
        verdicts.Fill((byte)verdict);
        metrics.CountVerdicts(verdict, verdicts.Length);
    }
}
