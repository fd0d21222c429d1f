using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Tests.Wire;

/// <summary>Plays one case against a running frontend and tells every difference.</summary>
internal sealed class WireReplay(RunningFrontend frontend, WireCase wireCase, TimeSpan patience)
{
    private readonly List<string> _differences = [];
    private byte[] _plainScript = [];

    /// <summary>In these configurations no mapping keeps every event, so that what was recorded says little about what was submitted.</summary>
    private bool HasDiscardingMappings => wireCase.Configuration is "multi" or "split-drops";

    public async Task<IReadOnlyList<string>> RunAsync()
    {
        frontend.Frames.Clear();
        try
        {
            foreach (var steps in wireCase.Connections)
                await PlayAsync(steps);
        }
        catch (OperationCanceledException)
        {
            _differences.Add("the server neither answers nor closes");
        }
        if (!HasDiscardingMappings)
            await CompareEventsAsync();
        return _differences;
    }

    private async Task PlayAsync(IReadOnlyList<JsonElement> steps)
    {
        await using var connection = await RawConnection.OpenAsync(frontend.Port, patience);
        var isHead = false;
        foreach (var step in steps)
        {
            if (step.TryGetProperty("send", out _) || step.TryGetProperty("sendParts", out _))
            {
                var bytes = WireCase.BytesOf(step);
                isHead = bytes.StartsWith("HEAD ", StringComparison.Ordinal);
                if (bytes.StartsWith("GET ", StringComparison.Ordinal) && bytes.Split(' ')[1].Contains(".js", StringComparison.OrdinalIgnoreCase))
                    _plainScript = (await frontend.GetAsync(bytes.Split(' ')[1])).Body;
                await connection.SendAsync(Fill(bytes));
            }
            else if (step.TryGetProperty("receive", out var expected))
            {
                // Waiting for nothing to happen is left to the replay against the whole program.
                if (expected.ValueKind != JsonValueKind.Null || step.TryGetProperty("closedByServer", out _))
                    CompareAnswer(expected, await connection.ReceiveAsync(isHead));
            }
            else if (step.TryGetProperty("halfClose", out _))
            {
                connection.HalfClose();
            }
            else if (step.TryGetProperty("connection", out var state))
            {
                await CompareStateAsync(connection, state.GetString()!);
            }
        }
    }

    private async Task CompareStateAsync(RawConnection connection, string expected)
    {
        if (expected == "closed" && !await connection.IsClosedAsync())
            _differences.Add("connection is open or has more to say");
        if (expected != "kept")
            return;
        await connection.SendAsync("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
        if ((await connection.ReceiveAsync())?.Status is not (200 or 503))
            _differences.Add("connection is not kept");
    }

    private void CompareAnswer(JsonElement expected, RawAnswer? actual)
    {
        if (expected.ValueKind == JsonValueKind.Null || actual is null)
        {
            if ((expected.ValueKind == JsonValueKind.Null) != (actual is null))
                _differences.Add(actual is null ? "no answer" : $"an answer {actual.Status}");
            return;
        }
        var status = expected.GetProperty("status").GetInt32();
        if (status != actual.Status)
            _differences.Add($"status {actual.Status} instead of {status}");
        CompareHeaders(expected.GetProperty("headers"), actual);
        CompareBody(expected, actual);
    }

    private void CompareHeaders(JsonElement expected, RawAnswer actual)
    {
        var wanted = expected.EnumerateArray().Select(pair => (Name: pair[0].GetString()!, Value: pair[1].GetString()!)).Where(IsCompared).ToList();
        foreach (var (name, value) in wanted)
        {
            if (!actual.Headers[name].Any(found => HeaderEquals(value, found)))
                _differences.Add($"{name}: '{string.Join('|', actual.Headers[name])}' instead of '{value}'");
        }
        foreach (var header in actual.Headers)
        {
            if (header.All(value => IsCompared((header.Key, value))) && !wanted.Any(pair => pair.Name.Equals(header.Key, StringComparison.OrdinalIgnoreCase)))
                _differences.Add($"a header {header.Key}: {string.Join('|', header)}");
        }
    }

    /// <summary>That a connection is kept is the default of HTTP/1.1.</summary>
    private static bool IsCompared((string Name, string Value) header) =>
        !(header.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase) && header.Value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase));

    private bool HeaderEquals(string expected, string actual)
    {
        if (expected.Contains("<base64", StringComparison.Ordinal))
            return actual == expected.Replace("<base64(sha256(plain body))>", PlainDigest(), StringComparison.Ordinal);
        return expected.Contains('<', StringComparison.Ordinal)
            ? Regex.IsMatch(actual, "^" + Regex.Replace(Regex.Escape(expected), "<[^>]*>", ".+") + "$")
            : expected == actual;
    }

    private void CompareBody(JsonElement expected, RawAnswer actual)
    {
        if (expected.TryGetProperty("body_base64", out var binary))
        {
            if (binary.GetString() != Convert.ToBase64String(actual.Body))
                _differences.Add("another body");
        }
        else if (expected.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.String)
        {
            if (body.GetString() != actual.Text)
                _differences.Add($"body '{actual.Text}'");
        }
        else if (body.ValueKind == JsonValueKind.Object && actual.Body.Length == 0)
        {
            _differences.Add("an empty body");
        }
    }

    private async Task CompareEventsAsync()
    {
        // A client that went away before its answer was read leaves no other sign of its event than the frame.
        if (wireCase.Connections.Any(steps => steps.Any(step => step.TryGetProperty("clientCloses", out _))))
            await frontend.SubmittedAsync(wireCase.Events.Count);
        var frames = frontend.Frames.ToArray();
        if (frames.Length != wireCase.Events.Count)
        {
            _differences.Add($"{frames.Length} events instead of {wireCase.Events.Count}");
            return;
        }
        foreach (var (frame, expected) in frames.Zip(wireCase.Events))
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
            _differences.Add($"{name} is '{actual}' instead of '{expected}'");
    }

    private string Fill(string bytes) => bytes
        .Replace("{plain_bare}", PlainDigest(), StringComparison.Ordinal)
        .Replace("{plain}", $"\"{PlainDigest()}\"", StringComparison.Ordinal)
        .Replace("{gz}", $"\"gz+{PlainDigest()}\"", StringComparison.Ordinal);

    private string PlainDigest() => Convert.ToBase64String(SHA256.HashData(_plainScript));
}
