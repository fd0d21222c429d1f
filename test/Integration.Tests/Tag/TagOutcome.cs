using System.Text.Json;
using System.Text.Json.Nodes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>What a scenario gave, reduced to what an engine has in common with the recording.</summary>
internal static class TagOutcome
{
    /// <summary>Screen and window sizes: windows of another engine have others.</summary>
    private static readonly HashSet<string> Sizes = ["i", "j", "k", "w", "h"];

    private static readonly HashSet<string> CookieFacts = ["name", "value", "domain", "path"];

    /// <summary>
    /// The recording was made in Chromium and compared in Firefox, where sizes (and so checksums), console messages, the life of cookies and their
    /// attributes were left out.
    /// </summary>
    /// <param name="part">Name of the part.</param>
    /// <param name="value">Its value; changed.</param>
    /// <param name="engine">The browser.</param>
    public static JsonNode? Reduce(string part, JsonNode? value, TagEngine engine)
    {
        if (engine == TagEngine.Chromium || value is not JsonArray items)
            return part == "console" && engine == TagEngine.Firefox ? null : value;
        foreach (var item in items.OfType<JsonObject>())
        {
            if (part == "beacons")
                ReduceBeacon(item);
            else if (part == "cookies")
                ReduceCookie(item);
        }
        return value;
    }

    /// <summary>What one parameter was, in all events that arrived; empty where it was not there.</summary>
    public static IReadOnlyList<string> Values(JsonElement outcome, string parameter) =>
    [
        .. outcome.GetProperty("beacons").EnumerateArray()
            .Select(beacon => beacon.GetProperty("query").EnumerateArray().SingleOrDefault(pair => pair[0].GetString() == parameter))
            .Select(pair => pair.ValueKind == JsonValueKind.Undefined ? "" : pair[1].GetString()!),
    ];

    /// <summary>What the last step that evaluated something gave, as JSON.</summary>
    public static string LastResult(JsonElement outcome) => outcome.GetProperty("results").EnumerateArray().Last().GetProperty("result").GetRawText();

    private static void ReduceBeacon(JsonObject beacon)
    {
        beacon.Remove("query_length");
        foreach (var pair in beacon["query"]!.AsArray())
        {
            var name = pair![0]!.GetValue<string>();
            if (Sizes.Contains(name) || name == "x")
                pair[1] = "{" + name + "}";
        }
    }

    private static void ReduceCookie(JsonObject cookie)
    {
        foreach (var name in cookie.Select(fact => fact.Key).Where(name => !CookieFacts.Contains(name)).ToList())
            cookie.Remove(name);
    }
}
