namespace Divolte.Grains.Sinks;

/// <summary>How long to wait before the next try: growing, jittered so that queues do not knock together, and capped.</summary>
/// <param name="first">About the first delay.</param>
/// <param name="max">No delay is longer.</param>
/// <param name="random">The jitter's source.</param>
internal sealed class RetryDelay(TimeSpan first, TimeSpan max, Random random)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;

    /// <summary>The delay before the next try: between half of the current step and all of it.</summary>
    public TimeSpan Next()
    {
        var step = _next;
        _next = step < max / 2 ? step * 2 : max;
        return step / 2 + step / 2 * random.NextDouble();
    }

    /// <summary>Something went well: start small again.</summary>
    public void Reset() => _next = _first;
}
