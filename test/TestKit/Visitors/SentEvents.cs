using System.Collections.Concurrent;

namespace Divolte.TestKit.Visitors;

/// <summary>What the visitors of a run know: which events they sent, how often, and which sends were acknowledged.</summary>
public sealed class SentEvents
{
    private readonly ConcurrentDictionary<long, SentEvent> _events = new();

    /// <summary>All events that were sent at least once.</summary>
    public IReadOnlyCollection<SentEvent> All => (IReadOnlyCollection<SentEvent>)_events.Values;

    /// <summary>How many events have at least one acknowledged send.</summary>
    public int AcknowledgedCount => _events.Values.Count(e => e.Acknowledged > 0);

    public SentEvent Of(Beacon beacon) => _events.GetOrAdd(beacon.Number, _ => new SentEvent(beacon));
}

/// <summary>One event as its visitor knows it. Written by one visitor only.</summary>
public sealed class SentEvent(Beacon beacon)
{
    public Beacon Beacon { get; } = beacon;

    /// <summary>How often it was sent, whatever came back.</summary>
    public int Sends { get; set; }

    /// <summary>How many of the sends were answered with success.</summary>
    public int Acknowledged { get; set; }
}
