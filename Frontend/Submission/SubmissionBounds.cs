namespace Divolte.Frontend.Submission;

/// <summary>Every bound of the way from a request to the grid. The defaults suit one process; none is a setting of the configuration file.</summary>
internal sealed record SubmissionBounds
{
    /// <summary>
    /// Those of a grid, where a call costs a millisecond of processor in all silos that it comes to, whatever it carries: it waits for more, and carries more.
    /// Events that come as seldom as when the wait was shorter do not wait longer now.
    /// </summary>
    public static readonly SubmissionBounds OfGrid = new()
    {
        HoldAwaited = TimeSpan.FromMilliseconds(20),
        HoldReceived = TimeSpan.FromMilliseconds(20),
        HoldEventsMin = 32,
        HoldEventsMax = 512,
        HoldBatchesRemembered = 16,
        BatchBytesMax = 320 << 10,
    };

    /// <summary>Batches that may be on their way at a time. More make batches smaller without making them faster.</summary>
    public int CallsMax { get; init; } = 4;

    /// <summary>How long an event that somebody waits for may wait for others to share its batch: see <see cref="BatchHold"/>. Zero for not at all.</summary>
    public TimeSpan HoldAwaited { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The same for an event that is answered already. Longer, since it delays nobody.</summary>
    public TimeSpan HoldReceived { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Where fewer come in the wait, nothing waits.</summary>
    public int HoldEventsMin { get; init; } = 8;

    /// <summary>So many events do not wait for more.</summary>
    public int HoldEventsMax { get; init; } = 256;

    /// <summary>About so many batches after a client has left it is no longer waited for.</summary>
    public int HoldBatchesRemembered { get; init; } = 64;

    /// <summary>Bytes of a batch, but for a single event that is larger. By default below the large object heap.</summary>
    public int BatchBytesMax { get; init; } = 64 << 10;

    /// <summary>Events of a batch.</summary>
    public int BatchEventsMax { get; init; } = 2048;

    /// <summary>Bytes of the frames of one part, but for a single event that is larger.</summary>
    public int PartBytesMax { get; init; } = 48 << 10;

    /// <summary>Events of one part; the head of a part counts them in 16 bits.</summary>
    public int PartEventsMax { get; init; } = 1024;

    /// <summary>Bytes of all frames without a final outcome.</summary>
    public long QueueBytesMax { get; init; } = 64 << 20;

    /// <summary>Events without a final outcome.</summary>
    public int QueueEventsMax { get; init; } = 100_000;

    /// <summary>How long a call may take before its parts are delivered again. Above the response time-out of Orleans (2 s), which normally ends it.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The first pause before a part is delivered again; it doubles up to <see cref="RetryPauseMax"/>.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest pause between two deliveries of a part.</summary>
    public TimeSpan RetryPauseMax { get; init; } = TimeSpan.FromMilliseconds(320);

    /// <summary>How much of the answer's time is left to the spool; never more than two fifths of it.</summary>
    public TimeSpan SpoolReserve { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the spool may take for the rest of what was taken when the process leaves.</summary>
    public TimeSpan SpoolRestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a part is still delivered whose clients were all told 503. An event that can yet be saved is worth the room, until somebody who waits
    /// for an answer needs it.
    /// </summary>
    public TimeSpan AnsweredKeptMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long any part is delivered. Shorter than the shard remembers a frontend, so that a part whose answer was lost is never appended twice.
    /// </summary>
    public TimeSpan PartKeptMax { get; init; } = TimeSpan.FromMinutes(5);
}
