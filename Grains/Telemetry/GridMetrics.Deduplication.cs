using System.Diagnostics.Metrics;
using Divolte.Grains.Interfaces.Deduplication;

namespace Divolte.Grains.Telemetry;

/// <content>What the shards of this silo have said, and what they remember.</content>
internal sealed partial class GridMetrics
{
    private static readonly KeyValuePair<string, object?>[] VerdictTags =
        [.. Enum.GetValues<EventVerdict>().Select(verdict => KeyValuePair.Create<string, object?>("verdict", verdict.ToString()))];

    private Counter<long> _verdicts = null!;
    private Counter<long> _partsRouted = null!;
    private Func<ShardsRemembered> _remembered = static () => default;

    /// <summary>Verdicts given to events: one for each event and delivery.</summary>
    public void CountVerdicts(EventVerdict verdict, int events)
    {
        if (events > 0)
            _verdicts.Add(events, VerdictTags[(int)verdict]);
    }

    /// <summary>Parts that went to their shard.</summary>
    public void CountParts(PartRoute route, int parts) => _partsRouted.Add(parts, KeyValuePair.Create<string, object?>("route", route.ToString()));

    /// <summary>Says how to ask the shards of this silo what they remember.</summary>
    public void ObserveShards(Func<ShardsRemembered> remembered) => _remembered = remembered;

    private void CreateDeduplicationInstruments()
    {
        _verdicts = _meter.CreateCounter<long>("divolte.deduplication.verdicts", "{event}", "Verdicts given to events, one for each delivery");
        _partsRouted = _meter.CreateCounter<long>("divolte.intake.parts", "{part}", "Parts of batches, by the way to their shard");
        _meter.CreateObservableGauge("divolte.deduplication.shards", () => _remembered().Shards, "{shard}", "Shards that are active on this silo");
        _meter.CreateObservableGauge("divolte.deduplication.remembered", () => _remembered().Events, "{event}", "Events in the duplicate memory of this silo");
        _meter.CreateObservableGauge("divolte.deduplication.memory", () => _remembered().Bytes, "By", "Bytes of the duplicate memory of this silo");
        _meter.CreateObservableGauge(
            "divolte.deduplication.window",
            () => _remembered().ShortestWindow.TotalSeconds,
            "s",
            "How long events are really remembered, in the shard that remembers them shortest; below the configured window the capacity is too small");
    }
}

/// <summary>How a part came to its shard.</summary>
internal enum PartRoute : byte
{
    /// <summary>By a direct call on the same silo.</summary>
    Direct,

    /// <summary>To the silo that owns the shard, with others.</summary>
    Forwarded,

    /// <summary>By a grain call of its own: the shard is starting or moving.</summary>
    Grain,

    /// <summary>It did not: it is delivered again.</summary>
    Failed,
}

/// <summary>What the shards of one silo remember together.</summary>
/// <param name="Shards">Active shards.</param>
/// <param name="Events">Remembered events.</param>
/// <param name="Bytes">Their memory.</param>
/// <param name="ShortestWindow">The shortest effective window.</param>
internal readonly record struct ShardsRemembered(int Shards, long Events, long Bytes, TimeSpan ShortestWindow);
