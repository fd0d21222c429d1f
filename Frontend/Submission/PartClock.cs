namespace Divolte.Frontend.Submission;

/// <summary>The waits of <see cref="SubmissionBounds"/> in ticks of the clock.</summary>
internal sealed class PartClock
{
    private readonly SubmissionBounds _bounds;
    private readonly TimeProvider _time;
    private readonly long _answerTicks;
    private readonly long _spoolTicks;
    private readonly long _diskTicks;
    private readonly long _answeredKeptTicks;
    private readonly long _keptTicks;

    public PartClock(TimeSpan answerTimeout, SubmissionBounds bounds, TimeProvider time)
    {
        _bounds = bounds;
        _time = time;
        Period = TimeSpan.FromMilliseconds(Math.Clamp(answerTimeout.TotalMilliseconds / 20, 1, 25));
        // A tick looks at what is due until the next: so no request waits longer than it may.
        _answerTicks = Ticks(answerTimeout > Period ? answerTimeout - Period : answerTimeout);
        // What is left of the answer's time is for the disk.
        var reserve = TimeSpan.FromMilliseconds(Math.Min(bounds.SpoolReserve.TotalMilliseconds, 0.4 * answerTimeout.TotalMilliseconds));
        _spoolTicks = Ticks(answerTimeout - reserve);
        _diskTicks = Ticks(reserve > Period ? reserve - Period : reserve);
        _answeredKeptTicks = Ticks(bounds.AnsweredKeptMax);
        _keptTicks = Ticks(bounds.PartKeptMax);
    }

    /// <summary>How often waits are looked at.</summary>
    public TimeSpan Period { get; }

    /// <summary>Requests that came at this time or before have waited long enough.</summary>
    public long AnswersDue(long now) => now - _answerTicks;

    /// <summary>Parts that began at this time or before go to the spool, whatever may yet come of their delivery.</summary>
    public long SpoolDue(long now) => now - _spoolTicks;

    /// <summary>Whether the disk, which was given a part at a time, may still take longer.</summary>
    public bool HasDiskTime(long offeredAt, long now) => offeredAt > now - _diskTicks;

    /// <summary>Whether a part that nobody waits for is too old to be delivered again.</summary>
    public bool IsSpent(BatchPart part, long now) =>
        part.CreatedAt <= now - (part.ReceivedCount > 0 ? _keptTicks : _answeredKeptTicks);

    /// <summary>When a part may be delivered again, after so many deliveries.</summary>
    public long RetryAt(long now, int deliveries)
    {
        var factor = 1L << Math.Min(deliveries - 1, 16);
        var pause = Math.Min(_bounds.RetryPause.Ticks * factor, _bounds.RetryPauseMax.Ticks);
        return now + Ticks(TimeSpan.FromTicks(pause));
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
