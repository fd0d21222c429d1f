using System.Net;
using System.Text;
using System.Text.Json;
using Divolte.Frontend.Browser;
using Divolte.Frontend.Json;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Microsoft.AspNetCore.Http;

namespace Divolte.Silo.Mapping;

/// <summary>
/// A request as it was sent: its path with the query, its headers, its body. A POST, or one with <c>"source": "json"</c>, is an event of a JSON source.
/// </summary>
internal sealed record RecordedRequest
{
    private static readonly byte[] PartyIdParameter = "p"u8.ToArray();

    /// <summary>Request target as sent, encoded.</summary>
    public required string Target { get; init; }

    public bool IsJson { get; init; }

    /// <summary>Address of the client as text.</summary>
    public string RemoteHost { get; init; } = "127.0.0.1";

    /// <summary>When it arrived, in milliseconds since 1970 UTC.</summary>
    public long TimeMilliseconds { get; init; }

    public IHeaderDictionary Headers { get; init; } = new HeaderDictionary();

    public byte[] Body { get; init; } = [];

    /// <summary>Reads a request from its JSON form: <c>path</c>, and optionally <c>source</c>, <c>method</c>, <c>headers</c>, <c>body</c>,
    /// <c>remote_host</c> and <c>time</c>.</summary>
    /// <exception cref="FormatException">A member has the wrong type.</exception>
    public static RecordedRequest Read(JsonElement line, long timeMilliseconds)
    {
        var headers = ReadHeaders(line);
        return new RecordedRequest
        {
            Target = Text(line, "path") ?? throw new FormatException("path is missing"),
            IsJson = Text(line, "source") is { } source ? source == "json" : "POST".Equals(Text(line, "method"), StringComparison.OrdinalIgnoreCase),
            RemoteHost = Text(line, "remote_host") ?? Forwarded(headers) ?? "127.0.0.1",
            TimeMilliseconds = line.TryGetProperty("time", out var time) && time.TryGetInt64(out var milliseconds) ? milliseconds : timeMilliseconds,
            Headers = headers,
            Body = line.TryGetProperty("body", out var body) ? BodyOf(body) : [],
        };
    }

    /// <summary>Writes the frame at the end of a buffer, as a frontend does.</summary>
    /// <returns>Why there is no event, or <see cref="DropReason.None"/>.</returns>
    public DropReason Write(FrameBuffer buffer)
    {
        var target = RequestTarget.Split(Target);
        var query = new QueryParameters();
        if (!RequestTarget.IsWellFormed(Target) || !query.TryDecode(target.Query))
            return DropReason.Incomplete;
        var facts = new RequestFacts
        {
            Source = IsJson ? "json"u8 : "browser"u8,
            TimeMilliseconds = TimeMilliseconds,
            RemoteHost = Encoding.UTF8.GetBytes(RemoteHost),
            RawTarget = Target,
            Query = target.Query,
            Headers = new ServerHeaders().Of(Headers),
            RouteBy = RouteBy.Party,
        };
        return IsJson ? JsonEventFrame.Write(buffer, query, PartyIdParameter, Body, facts) : BrowserEventQuery.Write(buffer, query, facts);
    }

    private static byte[] BodyOf(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.String => Encoding.UTF8.GetBytes(body.GetString()!),
        JsonValueKind.Null => [],
        _ => Encoding.UTF8.GetBytes(body.GetRawText()),
    };

    private static string? Text(JsonElement line, string name)
    {
        if (!line.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new FormatException($"{name} must be a string");
    }

    /// <summary>The headers of a line: <c>headers</c> is an object, or a list of pairs in the order in which they were sent.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static HeaderDictionary ReadHeaders(JsonElement line)
    {
        var headers = new HeaderDictionary();
        if (!line.TryGetProperty("headers", out var listed))
            return headers;
        if (listed.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in listed.EnumerateObject())
                headers.Append(member.Name, Value(member.Value));
            return headers;
        }
        if (listed.ValueKind != JsonValueKind.Array)
            throw new FormatException("headers must be an object or a list of pairs");
        foreach (var pair in listed.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
                throw new FormatException("headers must be an object or a list of pairs");
            headers.Append(Value(pair[0]), Value(pair[1]));
        }
        return headers;

        static string Value(JsonElement value) =>
            value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException("a header must be a string");
    }

    private static string? Forwarded(HeaderDictionary headers)
    {
        if (headers["X-Forwarded-For"] is not [.., { } last] || !IPAddress.TryParse(last.Split(',')[^1].Trim(), out var address))
            return null;
        Span<byte> target = stackalloc byte[ClientAddress.LengthMax];
        return Encoding.ASCII.GetString(target[..ClientAddress.Format(address, target)]);
    }
}
