using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>One recorded scenario: pages, what is done in them, and what the recorded tag then sent, stored and exported.</summary>
/// <param name="Line">The scenario as it stands in the file.</param>
/// <param name="Document">The same, read.</param>
internal sealed record TagScenario(string Line, JsonElement Document)
{
    private static readonly string[] DerivedParts = ["beacon_count", "ids", "ids_with_same_time"];

    /// <summary>Scenarios and pages.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryPaths.Root, "test", "Frontend.Tests", "Golden", "tag");

    public string Name => Document.GetProperty("name").GetString()!;

    public string Group => Document.GetProperty("group").GetString()!;

    public JsonElement Expected => Document.GetProperty("expect");

    /// <summary>Whether it depends on how fast the machine is.</summary>
    public bool IsTimed => Document.TryGetProperty("timing", out _) || Document.TryGetProperty("server", out _);

    public string Init => Document.TryGetProperty("init", out var init) && init.ValueKind == JsonValueKind.String ? init.GetString()! : "";

    public string Steps => Document.GetProperty("steps").GetRawText();

    /// <summary>The text of its pages.</summary>
    public string Pages => string.Concat(
        Document.GetProperty("pages").EnumerateArray().Select(page => Path.Combine(Folder, "pages", page.GetString()!)).Where(File.Exists).Select(File.ReadAllText));

    public static IReadOnlyList<TagScenario> ReadAll()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(Folder, "scenarios.jsonl.gz")), CompressionMode.Decompress));
        var scenarios = new List<TagScenario>();
        while (reader.ReadLine() is { } line)
            scenarios.Add(new TagScenario(line, JsonElement.Parse(line)));
        return scenarios;
    }

    /// <summary>A scenario of our own.</summary>
    /// <param name="settings">Keys of the browser source, as JSON.</param>
    /// <param name="init">Script that runs before any of the page.</param>
    /// <param name="steps">What is done, as JSON.</param>
    /// <param name="beaconSteps">In which steps events are awaited.</param>
    public static TagScenario Of(string settings, string init, string steps, params int[] beaconSteps)
    {
        var beacons = string.Join(',', beaconSteps.Select(step => $"{{\"step\":{step}}}"));
        var line = $$"""
            {"name":"own","group":"own","pages":["basic.html"],"settings_name":"own","settings":{{settings}},
            "init":{{JsonSerializer.Serialize(init)}},"steps":{{steps}},"expect":{"beacons":[{{beacons}}]} }
            """.ReplaceLineEndings(" ");
        return new TagScenario(line, JsonElement.Parse(line));
    }

    /// <summary>The same with more about it.</summary>
    /// <param name="members">Members of the scenario as JSON, without the braces: <c>pageHeaders</c>, <c>server</c> and the like.</param>
    public TagScenario With(string members)
    {
        var line = $"{{{members},{Line[1..]}";
        return new TagScenario(line, JsonElement.Parse(line));
    }

    /// <summary>Whether it was recorded in that browser.</summary>
    public bool IsFor(TagEngine engine) =>
        !Document.TryGetProperty("engines", out var engines)
        || engines.EnumerateArray().Any(name => string.Equals(name.GetString(), engine.ToString(), StringComparison.OrdinalIgnoreCase));

    /// <summary>The parts of the outcome that are not as recorded.</summary>
    /// <param name="outcome">What was observed.</param>
    /// <param name="engine">Where.</param>
    public IReadOnlyList<string> Compare(JsonElement outcome, TagEngine engine)
    {
        return
        [
            .. ExpectedIn(engine).EnumerateObject()
                .Where(part => !outcome.TryGetProperty(part.Name, out var seen) || !JsonNode.DeepEquals(Reduced(part.Name, part.Value), Reduced(part.Name, seen)))
                .Select(part => part.Name),
        ];

        JsonNode? Reduced(string part, JsonElement value) => TagOutcome.Reduce(part, JsonNode.Parse(value.GetRawText()), engine);
    }

    /// <summary>
    /// What was recorded in a browser. For another than Chromium, the parts that differ there stand beside the rest; what follows from the events alone was
    /// not written down again.
    /// </summary>
    public JsonElement ExpectedIn(TagEngine engine)
    {
        if (engine == TagEngine.Chromium || !Document.TryGetProperty("firefox", out var other) || !other.TryGetProperty("differs", out var differing))
            return Expected;
        var expected = JsonObject.Create(Expected)!;
        foreach (var name in differing.TryGetProperty("beacons", out _) ? DerivedParts : [])
            expected.Remove(name);
        foreach (var part in differing.EnumerateObject())
            expected[part.Name] = JsonNode.Parse(part.Value.GetRawText());
        return JsonElement.Parse(expected.ToJsonString());
    }

    public override string ToString() => Name;
}
