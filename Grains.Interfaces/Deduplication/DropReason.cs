namespace Divolte.Grains.Interfaces.Deduplication;

/// <summary>Every way in which an event can end unwritten. A closed list: each is a counter, and the ledger balances over all of them.</summary>
public enum DropReason : byte
{
    /// <summary>Not dropped.</summary>
    None = 0,

    // At the edge: the request held no usable event. Counted per process life.

    /// <summary>No party id, or one that is no identifier.</summary>
    PartyId = 1,

    /// <summary>A mandatory parameter or property is missing.</summary>
    Incomplete = 2,

    /// <summary>The session id is no identifier.</summary>
    SessionId = 3,

    /// <summary>The client time cannot be read.</summary>
    ClientTime = 4,

    /// <summary>The body is not the JSON that an event must be.</summary>
    Body = 5,

    /// <summary>The body, the target or the headers are larger than allowed.</summary>
    TooLarge = 6,

    // At the edge: a good event that could not be made durable. The client got 503, or (acknowledge = received) was told otherwise.

    /// <summary>The frontend's queue was full.</summary>
    Overload = 20,

    /// <summary>Not durable within <c>answer_timeout</c>, and no spool.</summary>
    NotDurable = 21,

    /// <summary>The server was shutting down.</summary>
    Stopping = 22,

    // In a mapping: deliberate.

    /// <summary><c>discard_duplicates</c>.</summary>
    DiscardedDuplicate = 40,

    /// <summary><c>discard_corrupted</c>.</summary>
    DiscardedCorrupt = 41,

    // Kept as dead letters.

    /// <summary>The mapping could not make a record of it.</summary>
    Unmappable = 60,

    /// <summary>The destination refused the record for good.</summary>
    Refused = 61,

    // Lost: an acknowledged event that its storage no longer has. Never on purpose; somebody must look at the disk.

    /// <summary>It lay in a damaged stretch of a spill file. The file is kept aside.</summary>
    Damaged = 80,
}
