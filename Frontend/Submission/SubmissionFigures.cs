namespace Divolte.Frontend.Submission;

/// <summary>How the way into the grid is, at one moment. Counts are since the process started.</summary>
/// <param name="QueuedEvents">Events without a final outcome.</param>
/// <param name="QueuedBytes">Bytes of their frames.</param>
/// <param name="Calls">Batches sent.</param>
/// <param name="CallsFailed">Batches that brought no answer.</param>
/// <param name="EventsSent">Events in all batches sent; divided by <paramref name="Calls"/>, how full they were.</param>
/// <param name="EventsDurable">Events known to be durable.</param>
/// <param name="EventsRetried">Events delivered again, each time.</param>
/// <param name="EventsGivenUp">Events whose clients were told 503 and that are not known to be durable.</param>
internal readonly record struct SubmissionFigures(
    int QueuedEvents,
    long QueuedBytes,
    long Calls,
    long CallsFailed,
    long EventsSent,
    long EventsDurable,
    long EventsRetried,
    long EventsGivenUp);
