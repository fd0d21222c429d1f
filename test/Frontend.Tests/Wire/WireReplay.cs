using System.Text;
using System.Text.Json;
using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Events;
using Divolte.TestKit.Wire;

namespace Divolte.Frontend.Tests.Wire;

/// <summary>Plays one case against a running frontend and tells every difference, in the events as far as a frontend decides them.</summary>
internal sealed class WireReplay(RunningFrontend frontend, WireCase wireCase, TimeSpan patience)
{
    private readonly List<WireDifference> _differences = [];

    /// <summary>In these configurations no mapping keeps every event, so that what was recorded says little about what was submitted.</summary>
    private bool HasDiscardingMappings => wireCase.Configuration is "multi" or "split-drops";

    public async Task<IReadOnlyList<WireDifference>> RunAsync()
    {
        frontend.Frames.Clear();
        _differences.AddRange(await new WirePlayer(frontend.Port, patience).PlayAsync(wireCase));
        if (!HasDiscardingMappings)
            await CompareEventsAsync();
        return _differences;
    }

    private async Task CompareEventsAsync()
    {
        // A frontend submits every event once, whatever its mappings discard: that is what the mapping that keeps most has got.
        var recorded = wireCase.Events.Values.MaxBy(events => events.Count) ?? [];
        // A client that went away before its answer was read leaves no other sign of its event than the frame.
        if (wireCase.Connections.Any(steps => steps.Any(step => step.TryGetProperty("clientCloses", out _))))
            await frontend.SubmittedAsync(recorded.Count);
        var frames = frontend.Frames.ToArray();
        if (frames.Length != recorded.Count)
        {
            _differences.Add(new WireDifference("events", $"{recorded.Count}", $"{frames.Length}"));
            return;
        }
        foreach (var (frame, expected) in frames.Zip(recorded))
        {
            if (expected.TryGetProperty("record", out var record))
                CompareEvent(record, frame);
        }
    }

    private void CompareEvent(JsonElement record, byte[] bytes)
    {
        var frame = EventFrameReader.Parse(bytes);
        CompareText(record, "partyId", frame, FrameSlot.PartyId);
        CompareText(record, "sessionId", frame, FrameSlot.SessionId);
        CompareText(record, "pageViewId", frame, FrameSlot.PageViewId);
        CompareText(record, "eventId", frame, FrameSlot.EventId);
        CompareText(record, "eventType", frame, FrameSlot.EventType);
        CompareText(record, "location", frame, FrameSlot.Location);
        CompareText(record, "referer", frame, FrameSlot.Referer);
        CompareText(record, "remoteHost", frame, FrameSlot.RemoteHost);
        Compare(record, "clientTimestamp", frame.ClientTime);
        Compare(record, "viewportPixelWidth", frame.Number(FrameNumber.ViewportPixelWidth));
        Compare(record, "viewportPixelHeight", frame.Number(FrameNumber.ViewportPixelHeight));
        Compare(record, "screenPixelWidth", frame.Number(FrameNumber.ScreenPixelWidth));
        Compare(record, "screenPixelHeight", frame.Number(FrameNumber.ScreenPixelHeight));
        Compare(record, "devicePixelRatio", frame.Number(FrameNumber.DevicePixelRatio));
        Compare(record, "firstInSession", frame.Flags.HasFlag(FrameFlags.FirstInSession));
        Compare(record, "corrupt", frame.Flags.HasFlag(FrameFlags.Corrupt));
    }

    private void CompareText(JsonElement record, string name, EventFrameReader frame, FrameSlot slot) =>
        Compare(record, name, frame.Has(slot) ? Encoding.UTF8.GetString(frame[slot]) : null);

    private void Compare<T>(JsonElement record, string name, T actual)
    {
        var isAbsent = !record.TryGetProperty(name, out var expected) || expected.ValueKind == JsonValueKind.Null;
        if (isAbsent ? actual is not null : actual is null || !Equals(expected.Deserialize<T>(), actual))
            _differences.Add(new WireDifference($"field:{name}", isAbsent ? "none" : expected.ToString(), $"{actual}"));
    }
}
