namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// Records of one queue that the broker refused, and that made their transaction fail: the next try leaves them out and reports them. Bounded by what is
/// under way, because a commit empties it.
/// </summary>
internal sealed class RefusedByBroker
{
    private readonly Dictionary<(long Offset, int Index), string> _reasons = [];

    public void Add(long offset, int index, string reason)
    {
        lock (_reasons)
            _reasons[(offset, index)] = reason;
    }

    public string? ReasonOf(long offset, int index)
    {
        lock (_reasons)
            return _reasons.GetValueOrDefault((offset, index));
    }

    public void Clear()
    {
        lock (_reasons)
            _reasons.Clear();
    }
}
