using System.Diagnostics.Metrics;

namespace Divolte.Frontend.Spool;

/// <summary>Instruments of a spool. <c>divolte.spool.obstructed</c> and <c>divolte.spool.events.damaged</c> are what to be alarmed by.</summary>
internal sealed class SpoolMetrics : IDisposable
{
    private readonly Meter _meter = new("Divolte.Frontend.Spool");

    public SpoolMetrics(EventSpool spool)
    {
        _meter.CreateObservableGauge("divolte.spool.events.waiting", () => spool.Figures.WaitingEvents, "{event}", "Events on the frontend's disk that the grid does not have yet");
        _meter.CreateObservableGauge("divolte.spool.size", () => spool.Figures.Bytes, "By", "Bytes of the spool's files");
        _meter.CreateObservableGauge("divolte.spool.size.maximum", () => spool.Figures.BytesMax, "By", "Bytes that the spool's files may take");
        _meter.CreateObservableGauge("divolte.spool.obstructed", () => spool.Obstacle is null ? 0 : 1, "{spool}", "1 while the spool takes no events: full, or the disk fails");
        _meter.CreateObservableCounter("divolte.spool.events.written", () => spool.Figures.EventsWritten, "{event}", "Events that became durable in the spool");
        _meter.CreateObservableCounter("divolte.spool.events.delivered", () => spool.Figures.EventsDelivered, "{event}", "Events that the grid has taken from the spool");
        _meter.CreateObservableCounter("divolte.spool.events.damaged", () => spool.Figures.EventsDamaged, "{event}", "Events that could not be read back and are lost");
    }

    public void Dispose() => _meter.Dispose();
}
