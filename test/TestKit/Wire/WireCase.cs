using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Divolte.TestKit.Wire;

/// <summary>One recorded case: raw requests, raw answers and the events that they gave.</summary>
public sealed record WireCase
{
    private WireCase()
    {
    }

    public required string Name { get; init; }

    public required string Group { get; init; }

    /// <summary>The configuration that it was recorded with: a file in <c>configs</c>.</summary>
    public required string Configuration { get; init; }

    /// <summary>What is odd about the recorded behaviour; empty where nothing is.</summary>
    public required string Note { get; init; }

    /// <summary>Whether the recorded server lost an event by a fault of its own.</summary>
    public required bool HasMapperFailures { get; init; }

    /// <summary>The steps of each connection, in order.</summary>
    public required IReadOnlyList<IReadOnlyList<JsonElement>> Connections { get; init; }

    /// <summary>The recorded events by the suffix of their topic; empty for the plain topic.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Events { get; init; }

    /// <summary>Whether the client says at some point that nothing more will come.</summary>
    public bool HasHalfClose => Connections.Any(steps => steps.Any(step => step.TryGetProperty("halfClose", out _)));

    /// <summary>Everything that the client sends, connection by connection, one character per byte.</summary>
    public IEnumerable<string> Sent => Connections.Select(steps => string.Concat(steps.Where(IsSending).Select(BytesOf)));

    /// <summary>Reads the cases of a compressed file with one JSON object per line. Those of a stop, which have a timeline instead of connections, are left out.</summary>
    public static IEnumerable<WireCase> ReadAll(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            var json = JsonDocument.Parse(line).RootElement;
            if (json.TryGetProperty("connections", out _))
                yield return Parse(json);
        }
    }

    public static bool IsSending(JsonElement step) => step.TryGetProperty("send", out _) || step.TryGetProperty("sendParts", out _);

    /// <summary>The bytes of a sending step, one character per byte.</summary>
    public static string BytesOf(JsonElement step)
    {
        if (step.TryGetProperty("send", out var text))
            return text.GetString()!;
        var bytes = new StringBuilder();
        foreach (var part in step.GetProperty("sendParts").EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.String)
                bytes.Append(part.GetString());
            else
                bytes.Insert(bytes.Length, part.GetProperty("repeat").GetString()!, part.GetProperty("times").GetInt32());
        }
        return bytes.ToString();
    }

    public override string ToString() => $"{Group}/{Name}";

    private static WireCase Parse(JsonElement line) => new()
    {
        Name = line.GetProperty("name").GetString()!,
        Group = line.GetProperty("group").GetString()!,
        Configuration = line.GetProperty("config").GetString()!,
        Note = line.TryGetProperty("note", out var note) ? note.GetString()! : "",
        HasMapperFailures = line.TryGetProperty("mapperFailures", out _),
        Connections = [.. line.GetProperty("connections").EnumerateArray().Select(steps => steps.EnumerateArray().ToList())],
        Events = line.TryGetProperty("eventsByTopic", out var topics)
            ? topics.EnumerateObject().ToDictionary(topic => topic.Name == "(main)" ? "" : topic.Name, topic => List(topic.Value))
            : new Dictionary<string, IReadOnlyList<JsonElement>> { [""] = line.TryGetProperty("events", out var events) ? List(events) : [] },
    };

    private static IReadOnlyList<JsonElement> List(JsonElement array) => [.. array.EnumerateArray()];
}
