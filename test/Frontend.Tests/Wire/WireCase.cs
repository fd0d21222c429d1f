using System.Text;
using System.Text.Json;

namespace Divolte.Frontend.Tests.Wire;

/// <summary>One recorded case: raw requests, raw answers and the events that they gave.</summary>
internal sealed record WireCase(string Name, string Group, string Configuration, IReadOnlyList<IReadOnlyList<JsonElement>> Connections, IReadOnlyList<JsonElement> Events)
{
    public static WireCase Parse(JsonElement line) => new(
        line.GetProperty("name").GetString()!,
        line.GetProperty("group").GetString()!,
        line.GetProperty("config").GetString()!,
        line.TryGetProperty("connections", out var connections) ? [.. connections.EnumerateArray().Select(steps => steps.EnumerateArray().ToList())] : [],
        EventsOf(line));

    /// <summary>The bytes of a step, one per character.</summary>
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

    /// <summary>What came out of the mapping that keeps most: a frontend submits every event once, whatever its mappings discard.</summary>
    private static List<JsonElement> EventsOf(JsonElement line)
    {
        if (line.TryGetProperty("eventsByTopic", out var topics))
            return topics.EnumerateObject().Select(topic => topic.Value.EnumerateArray().ToList()).MaxBy(events => events.Count) ?? [];
        return line.TryGetProperty("events", out var list) ? [.. list.EnumerateArray()] : [];
    }
}
