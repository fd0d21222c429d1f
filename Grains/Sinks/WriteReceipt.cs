namespace Divolte.Grains.Sinks;

/// <summary>What became of one batch.</summary>
/// <param name="Status"><see cref="WriteStatus.Written"/> also when some records were refused: those are listed, the others are confirmed.</param>
/// <param name="Reason">Why it is to be tried later; empty otherwise.</param>
/// <param name="Refused">Records that the destination refuses for good.</param>
internal sealed record WriteReceipt(WriteStatus Status, string Reason, IReadOnlyList<RefusedRecord> Refused)
{
    /// <summary>All records are confirmed.</summary>
    public static readonly WriteReceipt AllWritten = new(WriteStatus.Written, "", []);

    public static WriteReceipt TryLater(string reason) => new(WriteStatus.TryLater, reason, []);
}

/// <summary>What became of something that was written.</summary>
internal enum WriteStatus : byte
{
    /// <summary>Confirmed by the destination.</summary>
    Written,

    /// <summary>Not confirmed, for a passing reason.</summary>
    TryLater,

    /// <summary>Never to be accepted: too large, not allowed, not valid.</summary>
    Refused,
}

/// <summary>A record that a destination refuses.</summary>
/// <param name="Index">Its index in the batch.</param>
/// <param name="Reason">What the destination says.</param>
internal readonly record struct RefusedRecord(int Index, string Reason);
