using System.Threading.Tasks.Sources;

namespace Divolte.Frontend.Submission;

/// <summary>
/// What one request awaits. Reused: it goes back to a small stack of its thread when the request has read its outcome. Whoever takes it out of its
/// part publishes it, once; so an outcome and a time-out never meet here.
/// </summary>
internal sealed class PendingEvent : IValueTaskSource<SubmitOutcome>
{
    private const int SpareMax = 512;

    [ThreadStatic]
    private static Stack<PendingEvent>? _spare;

    // Continuations run inline: OutcomeRelay decides on which thread.
    private ManualResetValueTaskSourceCore<SubmitOutcome> _core;

    /// <summary>When the event was taken, as a timestamp of the batcher's clock.</summary>
    public long SubmittedAt { get; private set; }

    /// <summary>What <see cref="Publish"/> will tell.</summary>
    public SubmitOutcome Outcome { get; set; }

    public static PendingEvent Rent(long submittedAt)
    {
        var pending = (_spare ??= new Stack<PendingEvent>(SpareMax)).TryPop(out var spare) ? spare : new PendingEvent();
        pending.SubmittedAt = submittedAt;
        return pending;
    }

    public ValueTask<SubmitOutcome> AsValueTask() => new(this, _core.Version);

    /// <summary>Wakes the request, on this thread.</summary>
    public void Publish() => _core.SetResult(Outcome);

    SubmitOutcome IValueTaskSource<SubmitOutcome>.GetResult(short token)
    {
        var outcome = _core.GetResult(token);
        _core.Reset();
        var spare = _spare ??= new Stack<PendingEvent>(SpareMax);
        if (spare.Count < SpareMax)
            spare.Push(this);
        return outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<SubmitOutcome>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<SubmitOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
