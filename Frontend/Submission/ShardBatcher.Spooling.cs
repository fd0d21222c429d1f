using Divolte.Frontend.Spool;

namespace Divolte.Frontend.Submission;

/// <summary>
/// What the grid does not take in time goes to the spool, under the sequence that it has or would have had: so a part that was written although nobody said so
/// is "already written" when it comes from the spool.
/// </summary>
/// <remarks>
/// Parts go to the spool in the order of their lane, and a lane delivers what it has in the spool before anything newer: events of one party keep their order.
/// One group is written at a time, at a tick of the timer, so that a lane that catches up makes larger parts than it delivers, and ends.
/// The disk has its time for a part from when it was given it: where the whole process was held up, the tick that finds an answer overdue is the first that
/// could have asked the disk.
/// </remarks>
internal sealed partial class ShardBatcher
{
    private Task _spooling = Task.CompletedTask;
    private bool _isSpoolBusy;
    private bool _isSpoolForced;

    /// <summary>Whether a group could be written now.</summary>
    private bool IsSpoolFree => _spool is { Obstacle: null } && !_isSpoolBusy && !_isClosed;

    private void TakeRecovered()
    {
        if (_spool is null)
            return;
        lock (_lock)
        {
            foreach (var entry in _spool.TakeRecovered())
            {
                _lanes[entry.Shard].Add(entry);
                Queue(_lanes[entry.Shard]);
            }
            if (_ready.Count == 0)
                return;
            _isTimerSet = true;
            _timer.Change(_clock.Period, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The next group, or upkeep that is due; null when there is neither, or work is under way.</summary>
    private SpoolWork? TakeSpoolWork(long now)
    {
        if (_spool is null || _isSpoolBusy || _isClosed)
            return null;
        var parts = new List<BatchPart>();
        var group = _spool.Obstacle is null ? Collect(parts, now) : null;
        if (group is null && !_spool.NeedsWork)
            return null;
        _isSpoolBusy = true;
        return new SpoolWork(group, parts);
    }

    private SpoolGroup? Collect(List<BatchPart> parts, long now)
    {
        var due = _clock.SpoolDue(now);
        SpoolGroup? group = null;
        for (var part = _ages.Oldest; part is not null; part = part.Newer)
        {
            if (part.Spooled is not null || !IsSpoolDue(part, due))
                continue;
            group ??= new SpoolGroup();
            if (group.Count > 0 && group.Length + part.FramesLength > _spool!.Bounds.GroupBytesMax)
                break;
            part.Lane.Number(part);
            part.IsSpooling = true;
            part.OfferedAt ??= now;
            group.Add(part.Lane.Shard, part.EventCount, part.Sequence, part.Frames);
            parts.Add(part);
        }
        return group;
    }

    /// <summary>Its answer is due soon, or there is no hope that the grid takes it before.</summary>
    private bool IsSpoolDue(BatchPart part, long due) =>
        part.CreatedAt <= due || part.Lane.IsBehindSpool || !IsGridAnswering || _isSpoolForced;

    /// <summary>Whether the disk has a part and time left for it, or is given it by this tick.</summary>
    private bool MayBecomeSpooled(BatchPart part, bool isSpoolFree, long now) =>
        part.IsSpooling ? _clock.HasDiskTime(part.OfferedAt!.Value, now) : isSpoolFree && part is { OfferedAt: null, Spooled: null };

    private async Task SpoolAsync(SpoolWork work)
    {
        IReadOnlyList<SpoolEntry>? entries = null;
        try
        {
            entries = await _spool!.WorkAsync(work.Group);
        }
        finally
        {
            work.Group?.Dispose();
            Conclude(work.Parts, entries);
        }
    }

    private void Conclude(IReadOnlyList<BatchPart> parts, IReadOnlyList<SpoolEntry>? entries)
    {
        OutcomeChunk? answers = null;
        List<BatchCall>? calls = null;
        lock (_lock)
        {
            _isSpoolBusy = false;
            for (var index = 0; index < parts.Count; index++)
            {
                parts[index].IsSpooling = false;
                if (entries is not null)
                    answers = Conclude(parts[index], entries[index], answers);
            }
            TakeCalls(ref calls);
            CheckEmptied();
            SetTimer();
        }
        Run(calls);
        OutcomeChunk.Publish(answers, _schedule);
    }

    /// <summary>A part is durable in the spool.</summary>
    private OutcomeChunk? Conclude(BatchPart part, SpoolEntry entry, OutcomeChunk? answers)
    {
        if (part.State == BatchPartState.Settled)
        {
            // It ended during the write. Given up: nobody was told of it, and parts before it may still wait here.
            if (part.IsGivenUp)
                _spool!.Abandon(entry);
            else
                _spool!.Settle(entry);
            return answers;
        }
        answers = part.Answer(SubmitOutcome.Durable, answers);
        Uncount(part);
        part.Spooled = entry;
        if (part.Lane.MoveToSpool(part))
        {
            part.State = BatchPartState.Settled;
            _ages.Remove(part);
            part.Dispose();
            Queue(part.Lane);
        }
        else if (part.State != BatchPartState.Called)
        {
            part.Dispose(); // the next delivery reads it back
        }
        return answers;
    }
}
