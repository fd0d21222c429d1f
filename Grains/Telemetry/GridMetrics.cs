using System.Diagnostics.Metrics;

namespace Divolte.Grains.Telemetry;

/// <summary>Instruments of a silo: each concept has its own file.</summary>
internal sealed partial class GridMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Divolte.Grains";

    private readonly Meter _meter = new(MeterName);

    public GridMetrics()
    {
        CreateDeduplicationInstruments();
        CreateSinkInstruments();
    }

    public void Dispose() => _meter.Dispose();
}
