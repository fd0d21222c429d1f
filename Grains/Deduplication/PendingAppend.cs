namespace Divolte.Grains.Deduplication;

/// <summary>A part whose write is under way, with the events that it saw first. Guarded by the pipeline's lock until it has ended.</summary>
/// <param name="frontend">Who delivered the part.</param>
/// <param name="sequence">Its sequence.</param>
/// <param name="eventCountMax">Events of the part.</param>
internal sealed class PendingAppend(Guid frontend, long sequence, int eventCountMax)
{
    private readonly ulong[] _keys = new ulong[eventCountMax];
    private int _count;
    private TaskCompletionSource? _waited;

    public Guid Frontend { get; } = frontend;

    public long Sequence { get; } = sequence;

    /// <summary>The keys of its first sights.</summary>
    public ReadOnlySpan<ulong> FirstSights => _keys.AsSpan(0, _count);

    public void Add(ulong key) => _keys[_count++] = key;

    public void Clear() => _count = 0;

    /// <summary>Completes when the outcome is known, whatever it is. Asked for under the lock, while the part is still pending.</summary>
    public Task Ended => (_waited ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Wakes those who wait.</summary>
    public void End() => _waited?.TrySetResult();
}
