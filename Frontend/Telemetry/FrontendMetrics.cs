using System.Diagnostics.Metrics;
using Divolte.Grains.Interfaces.Deduplication;

namespace Divolte.Frontend.Telemetry;

/// <summary>Instruments of a frontend, and the same figures for status pages.</summary>
internal sealed class FrontendMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Divolte.Frontend";

    private const int StatusMax = 599;

    private readonly Meter _meter = new(MeterName);
    private readonly Lock _adding = new();
    private readonly long[] _answers = new long[StatusMax + 1];
    private volatile SourceCounters[] _sources = [];
    private long _forwardedIgnored;

    public FrontendMetrics()
    {
        _meter.CreateObservableCounter("divolte.events.received", ObserveReceived, "{event}", "Event requests that reached a source, good or bad");
        _meter.CreateObservableCounter("divolte.events.accepted", ObserveAccepted, "{event}", "Events handed to the grid or on their way");
        _meter.CreateObservableCounter("divolte.events.dropped", ObserveDropped, "{event}", "Events that ended at the edge, by reason");
        _meter.CreateObservableCounter("divolte.http.answers", ObserveAnswers, "{answer}", "Answers on the public port, by status");
        _meter.CreateObservableCounter(
            "divolte.http.forwarded.ignored", () => ForwardedIgnored, "{request}", "Requests whose X-Forwarded-For should have counted but held no address");
    }

    /// <summary>Requests whose <c>X-Forwarded-For</c> should have counted but held no address.</summary>
    public long ForwardedIgnored => Volatile.Read(ref _forwardedIgnored);

    /// <summary>The counters of all sources, in the order of the configuration.</summary>
    public IReadOnlyList<SourceCounters> Sources => _sources;

    /// <summary>The counters of one source; made at the first call.</summary>
    public SourceCounters Source(string name)
    {
        lock (_adding)
        {
            foreach (var known in _sources)
            {
                if (known.Source == name)
                    return known;
            }
            var added = new SourceCounters(name);
            _sources = [.. _sources, added];
            return added;
        }
    }

    /// <summary>Counts a good event that ends at the edge; what an <see cref="Submission.EventSubmitter"/> tells of.</summary>
    public void CountDropped(ReadOnlySpan<byte> source, DropReason reason)
    {
        foreach (var counters in _sources)
        {
            if (counters.IsNamed(source))
                counters.CountDropped(reason);
        }
    }

    public void CountAnswer(int status)
    {
        if (status is >= 0 and <= StatusMax)
            Interlocked.Increment(ref _answers[status]);
    }

    public void CountForwardedIgnored() => Interlocked.Increment(ref _forwardedIgnored);

    /// <summary>How many answers had a status.</summary>
    public long Answers(int status) => Volatile.Read(ref _answers[status]);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> ObserveReceived() =>
        _sources.Select(source => new Measurement<long>(source.Received, SourceTag(source)));

    private IEnumerable<Measurement<long>> ObserveAccepted() =>
        _sources.Select(source => new Measurement<long>(source.Accepted, SourceTag(source)));

    private IEnumerable<Measurement<long>> ObserveDropped() =>
        from source in _sources
        from reason in Enum.GetValues<DropReason>()
        let count = source.Dropped(reason)
        where count > 0
        select new Measurement<long>(count, SourceTag(source), new KeyValuePair<string, object?>("reason", reason.ToString()));

    private IEnumerable<Measurement<long>> ObserveAnswers() =>
        from status in Enumerable.Range(100, StatusMax - 99)
        let count = Answers(status)
        where count > 0
        select new Measurement<long>(count, new KeyValuePair<string, object?>("status", status));

    private static KeyValuePair<string, object?> SourceTag(SourceCounters source) => new("source", source.Source);
}
