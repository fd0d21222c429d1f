using System.Diagnostics.Metrics;
using Divolte.Grains.Interfaces.Deduplication;

namespace Divolte.Grains.Telemetry;

/// <content>What became of the events in the sinks, and what waits.</content>
internal sealed partial class GridMetrics
{
    private Counter<long> _recordsWritten = null!;
    private Counter<long> _eventsEnded = null!;
    private Counter<long> _retries = null!;
    private volatile IReadOnlyList<SinkBacklog> _backlogs = [];

    /// <summary>Records that a destination has confirmed.</summary>
    public void CountWritten(string sink, string mapping, long records) =>
        _recordsWritten.Add(records, KeyValuePair.Create<string, object?>("sink", sink), KeyValuePair.Create<string, object?>("mapping", mapping));

    /// <summary>Events that became no record: discarded on purpose, or kept as dead letters.</summary>
    public void CountEnded(string sink, string mapping, DropReason reason, long events) =>
        _eventsEnded.Add(
            events,
            KeyValuePair.Create<string, object?>("sink", sink),
            KeyValuePair.Create<string, object?>("mapping", mapping),
            KeyValuePair.Create<string, object?>("reason", reason.ToString()));

    /// <summary>A sink pauses and tries again.</summary>
    public void CountRetry(string sink) => _retries.Add(1, KeyValuePair.Create<string, object?>("sink", sink));

    /// <summary>What waits, as measured last.</summary>
    public void ObserveBacklogs(IReadOnlyList<SinkBacklog> backlogs) => _backlogs = backlogs;

    private void CreateSinkInstruments()
    {
        _recordsWritten = _meter.CreateCounter<long>("divolte.sinks.records.written", "{record}", "Records that the destination has confirmed");
        _eventsEnded = _meter.CreateCounter<long>("divolte.sinks.events.ended", "{event}", "Events that became no record, by reason");
        _retries = _meter.CreateCounter<long>("divolte.sinks.retries", "{try}", "Times that a sink paused because its destination was away");
        _meter.CreateObservableGauge(
            "divolte.sinks.backlog.bytes", () => _backlogs.Select(backlog => Tagged(backlog, backlog.Bytes)), "By", "Bytes of the journal that wait for the sink, about");
        _meter.CreateObservableGauge(
            "divolte.sinks.backlog.events", () => _backlogs.Select(backlog => Tagged(backlog, backlog.Events)), "{event}", "Events that wait for the sink");
        _meter.CreateObservableGauge(
            "divolte.sinks.spilled.bytes", () => _backlogs.Select(backlog => Tagged(backlog, backlog.SpilledBytes)), "By", "Bytes of the sink's spill files");
        _meter.CreateObservableGauge(
            "divolte.sinks.oldest.age", () => _backlogs.Select(backlog => Tagged(backlog, (long)backlog.OldestAge.TotalMilliseconds)), "ms", "Age of the oldest event that waits for the sink");
    }

    private static Measurement<long> Tagged(SinkBacklog backlog, long value) => new(value, KeyValuePair.Create<string, object?>("sink", backlog.Sink));
}

/// <summary>What waits for one sink in all queues.</summary>
/// <param name="Sink">Name of the sink.</param>
/// <param name="Events">Events that the journal has accepted and the sink has not passed.</param>
/// <param name="Bytes">What they take in the journal, about.</param>
/// <param name="SpilledBytes">How many bytes the sink's spill files have.</param>
/// <param name="OldestAge">How long ago the oldest of those in memory was appended; zero when there is none.</param>
internal sealed record SinkBacklog(string Sink, long Events, long Bytes, long SpilledBytes, TimeSpan OldestAge);
