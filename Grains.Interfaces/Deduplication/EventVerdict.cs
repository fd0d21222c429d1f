namespace Divolte.Grains.Interfaces.Deduplication;

/// <summary>What became of one event in its shard. The first three mean: durable in the journal.</summary>
public enum EventVerdict : byte
{
    /// <summary>No verdict; never sent.</summary>
    None = 0,

    /// <summary>A first sight, durable.</summary>
    Accepted = 1,

    /// <summary>A repetition, durable with its flag.</summary>
    Duplicate = 2,

    /// <summary>The same part was delivered before and is durable; nothing was appended.</summary>
    AlreadyWritten = 3,

    /// <summary>Not written, for a passing reason (the shard is moving, a stale epoch). Deliver again under the same sequence.</summary>
    Retry = 4,

    /// <summary>Not written: the journal cannot take it now (disk full, store away, backlog at its limit with <c>on_full = reject</c>). Answer 503 or spool.</summary>
    Unavailable = 5,

    /// <summary>
    /// Not written: the frontend has delivered a later part of the shard meanwhile, and said that this one is settled. Only a copy that came late, or a spool
    /// that a crash made forget how far it was delivered, hears this; the part of a spool was durable then.
    /// </summary>
    Settled = 6,
}

/// <summary>What verdicts mean.</summary>
public static class EventVerdicts
{
    /// <summary>Whether the event is synced in the journal, so that the client may be told so.</summary>
    public static bool IsDurable(this EventVerdict verdict) =>
        verdict is EventVerdict.Accepted or EventVerdict.Duplicate or EventVerdict.AlreadyWritten;
}
