namespace Divolte.Frontend.Submission;

/// <summary>
/// A few outcomes that one thread publishes. Publishing runs the rest of a request, some microseconds with its answer's write; a chunk is small enough
/// that the last request of a batch does not wait long for the first, and large enough that a work item for each event is saved.
/// </summary>
internal sealed class OutcomeChunk : IThreadPoolWorkItem
{
    private const int EventsMax = 16;

    private readonly PendingEvent[] _events = new PendingEvent[EventsMax];
    private int _count;
    private OutcomeChunk? _next;

    /// <summary>Adds an event in front of a chain of chunks, and returns the chain's new head.</summary>
    public static OutcomeChunk Add(OutcomeChunk? head, PendingEvent pending, SubmitOutcome outcome)
    {
        pending.Outcome = outcome;
        if (head is null || head._count == EventsMax)
            head = new OutcomeChunk { _next = head };
        head._events[head._count++] = pending;
        return head;
    }

    /// <summary>Publishes a chain: the head on this thread, the others through the scheduler.</summary>
    public static void Publish(OutcomeChunk? head, Action<IThreadPoolWorkItem> schedule)
    {
        for (var chunk = head?._next; chunk is not null; chunk = chunk._next)
            schedule(chunk);
        head?.Execute();
    }

    public void Execute()
    {
        for (var index = 0; index < _count; index++)
            _events[index].Publish();
    }
}
