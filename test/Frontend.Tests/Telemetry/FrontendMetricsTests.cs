using System.Diagnostics.Metrics;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Deduplication;
using Xunit;

namespace Divolte.Frontend.Tests.Telemetry;

public sealed class FrontendMetricsTests
{
    [Fact]
    public void Received_IsAcceptedPlusDropped()
    {
        using var metrics = new FrontendMetrics();
        var source = metrics.Source("browser");
        for (var count = 0; count < 5; count++)
            source.CountReceived();
        source.CountDropped(DropReason.PartyId);

        metrics.CountDropped("browser"u8, DropReason.NotDurable);
        metrics.CountDropped("unknown"u8, DropReason.NotDurable);

        Assert.Equal(3, source.Accepted);
        Assert.Equal(1, source.Dropped(DropReason.NotDurable));
        var read = source.Read();
        Assert.Equal(("browser", 5, 3), (read.Source, read.Received, read.Accepted));
        Assert.Equal(new Dictionary<DropReason, long> { [DropReason.PartyId] = 1, [DropReason.NotDurable] = 1 }, read.Dropped);
        Assert.Same(source, metrics.Source("browser"));
    }

    [Fact]
    public void Instruments_TellSourceReasonAndStatus()
    {
        using var metrics = new FrontendMetrics();
        metrics.Source("browser").CountReceived();
        metrics.Source("browser").CountDropped(DropReason.SessionId);
        metrics.CountAnswer(200);
        var seen = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == FrontendMetrics.MeterName)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Add($"{instrument.Name} {value} {Text(tags)}"));
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.Contains("divolte.events.received 1 source=browser", seen);
        Assert.Contains("divolte.events.accepted 0 source=browser", seen);
        Assert.Contains("divolte.events.dropped 1 source=browser,reason=SessionId", seen);
        Assert.Contains("divolte.http.answers 1 status=200", seen);
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
}
