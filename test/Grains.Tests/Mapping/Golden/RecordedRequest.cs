using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Divolte.Grains.Interfaces.Events;
using Divolte.TestKit.Events;

namespace Divolte.Grains.Tests.Mapping.Golden;

/// <summary>Turns a recorded request into a frame, as far as mappings need it; the frontend's own tests replay requests in earnest.</summary>
internal static class RecordedRequest
{
    /// <summary>The frame; null when the frontend drops the request.</summary>
    public static AFrame? ToFrame(JsonElement request)
    {
        var headers = new List<(string, string)> { ("Host", "collector.test") };
        foreach (var header in request.GetProperty("headers").EnumerateArray())
            headers.Add((header[0].GetString()!, header[1].GetString()!));
        var path = request.GetProperty("path").GetString()!;
        var query = Query(path.Contains('?', StringComparison.Ordinal) ? path[(path.IndexOf('?', StringComparison.Ordinal) + 1)..] : "");
        return request.GetProperty("source").GetString() == "browser"
            ? Browser(query, headers)
            : JsonOrNothing(query, request.GetProperty("body").GetString()!, headers);
    }

    private static AFrame? JsonOrNothing(Dictionary<string, string> query, string body, List<(string, string)> headers)
    {
        try
        {
            return Json(query, body, headers);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static AFrame? Browser(Dictionary<string, string> query, List<(string, string)> headers)
    {
        if (!"psvecnf".All(name => query.ContainsKey(name.ToString())) || Base36(query["c"]) is not { } clientTime)
            return null;
        var numbers = new Dictionary<FrameNumber, int>();
        foreach (var (name, number) in new[]
        {
            ("i", FrameNumber.ScreenPixelWidth), ("j", FrameNumber.ScreenPixelHeight), ("k", FrameNumber.DevicePixelRatio),
            ("w", FrameNumber.ViewportPixelWidth), ("h", FrameNumber.ViewportPixelHeight),
        })
        {
            if (query.TryGetValue(name, out var text) && Base36(text) is { } value && value >= int.MinValue && value <= int.MaxValue)
                numbers[number] = (int)value;
        }
        return new AFrame
        {
            Flags = (query["f"] == "t" ? FrameFlags.FirstInSession : 0) | (query["n"] == "t" ? FrameFlags.NewParty : 0) | (query.ContainsKey("x") ? 0 : FrameFlags.Corrupt),
            ClientTime = (long)clientTime,
            PartyId = Identifier(query["p"]),
            SessionId = Identifier(query["s"]),
            EventId = query["e"],
            PageViewId = query["v"],
            EventType = query.GetValueOrDefault("t"),
            Location = query.GetValueOrDefault("l"),
            Referer = query.GetValueOrDefault("r"),
            Parameters = query.GetValueOrDefault("u"),
            ParametersFormat = query.ContainsKey("u") ? ParametersFormat.Mincode : ParametersFormat.Absent,
            Numbers = numbers,
            RemoteHost = Peer(headers),
            Headers = headers,
        };
    }

    private static AFrame Json(Dictionary<string, string> query, string body, List<(string, string)> headers)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 1000 });
        var root = document.RootElement;
        var hasParameters = root.TryGetProperty("parameters", out var parameters);
        return new AFrame
        {
            Source = "json",
            Flags = FrameFlags.Json | (root.GetProperty("is_new_session").GetBoolean() ? FrameFlags.FirstInSession : 0),
            ClientTime = DateTimeOffset.Parse(root.GetProperty("client_timestamp_iso").GetString()!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(),
            PartyId = Identifier(query["p"]),
            SessionId = Identifier(root.GetProperty("session_id").GetString()!),
            EventId = root.GetProperty("event_id") is var id ? TextOf(id)! : "",
            EventType = root.TryGetProperty("event_type", out var type) ? TextOf(type) : null,
            Parameters = hasParameters ? parameters.GetRawText() : null,
            ParametersFormat = hasParameters ? ParametersFormat.Json : ParametersFormat.Absent,
            RemoteHost = Peer(headers),
            Headers = headers,
        };
    }

    /// <summary>Recordings without a forwarded address came from this machine; whether the server believes one is the frontend's business.</summary>
    private static string Peer(List<(string Name, string Value)> headers) =>
        headers.LastOrDefault(header => header.Name == "X-Forwarded-For").Value?.Split(',')[^1].Trim() is { } forwarded
            ? IPAddress.Parse(forwarded).ToString()
            : "127.0.0.1";

    private static string? TextOf(JsonElement value) =>
        value.ValueKind switch { JsonValueKind.Null => null, JsonValueKind.String => value.GetString(), _ => value.GetRawText() };

    private static Dictionary<string, string> Query(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var piece in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? "" : piece[(equals + 1)..];
            parameters.TryAdd(Decode(equals < 0 ? piece : piece[..equals]), Decode(value));
        }
        return parameters;
    }

    private static string Decode(string text)
    {
        var bytes = new List<byte>();
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '%')
            {
                bytes.Add(byte.Parse(text.AsSpan(index + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                index += 2;
            }
            else
                bytes.Add(text[index] == '+' ? (byte)' ' : (byte)text[index]);
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>The time of an identifier is printed in lower case.</summary>
    private static string Identifier(string text)
    {
        var parts = text.Split(':', 3);
        return $"{parts[0]}:{parts[1].ToLowerInvariant()}:{parts[2]}";
    }

    private static BigInteger? Base36(string text)
    {
        var digits = text.TrimStart('-', '+');
        var value = BigInteger.Zero;
        foreach (var digit in digits.ToLowerInvariant())
        {
            if (!char.IsAsciiLetterOrDigit(digit))
                return null;
            value = value * 36 + (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'a' + 10);
        }
        return digits.Length == 0 ? null : text.StartsWith('-') ? -value : value;
    }
}
