using System.Text;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Operations;

namespace Divolte.Frontend.Telemetry;

/// <summary>What came in through one source and how much of it ended at the edge, counted per process life.</summary>
internal sealed class SourceCounters(string source)
{
    private readonly byte[] _sourceUtf8 = Encoding.UTF8.GetBytes(source);
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Max(reason => (int)reason) + 1];
    private long _received;

    /// <summary>Name of the source in the configuration.</summary>
    public string Source { get; } = source;

    /// <summary>Event requests that reached the source, good or bad; not those that were answered as unchanged or as the wrong method or type.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Events that did not end here: handed to the grid, or on their way. Received = accepted + dropped, always.</summary>
    public long Accepted
    {
        get
        {
            // Drops are read first: an event is counted as received before it can be dropped, so the difference is never negative.
            var dropped = _dropped.Sum();
            return Received - dropped;
        }
    }

    /// <summary>Events that ended here for a reason.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref _dropped[(int)reason]);

    /// <summary>All figures, of one moment: they balance.</summary>
    public SourceEdge Read()
    {
        // In the order of Accepted, for its reason.
        var dropped = EdgeReasons.All.Select(reason => (Reason: reason, Count: Dropped(reason))).Where(drop => drop.Count > 0).ToDictionary(drop => drop.Reason, drop => drop.Count);
        var received = Received;
        return new SourceEdge(Source, received, received - dropped.Values.Sum(), dropped);
    }

    public bool IsNamed(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual(_sourceUtf8);

    public void CountReceived() => Interlocked.Increment(ref _received);

    public void CountDropped(DropReason reason) => Interlocked.Increment(ref _dropped[(int)reason]);
}
