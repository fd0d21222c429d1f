using System.Text.Json;
using Divolte.Grains.Tests.Mapping.Golden;
using Divolte.Grains.UserAgents;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents;

/// <summary>What the collector answered for the recorded headers; where we say something else, a rule of <c>docs/differences.md</c> says why.</summary>
public sealed class RecordedAgentTests
{
    /// <summary>What is in the recorded headers that differ, by the rule under which they do.</summary>
    private static readonly Dictionary<string, string[]> Differences = new()
    {
        ["U-2"] = ["Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2272.96 Mobile Safari/537.36 (compatible; Googlebot", "SomethingBot"],
        ["U-4"] = ["FxiOS/", "BB10; Touch", "BlackBerry9000", "PlayBook", "NokiaBrowser/", "okhttp/", "Go-http-client", "CFNetwork/", "VLC/", "PlayStation 4", "xxxxxx Firefox/32.0"],
        ["U-7"] = ["MOZILLA/5.0"],
    };

    [Fact]
    public void RecordedAnswers_AreOurs()
    {
        var parser = UserAgentParser.ReadEmbedded();
        var headers = Recordings.All.Lines("suites/user-agent/events.jsonl").ToDictionary(
            line => line.GetProperty("name").GetString()!,
            line => line.GetProperty("headers").EnumerateArray()
                .Where(header => header[0].GetString()!.Equals("user-agent", StringComparison.OrdinalIgnoreCase)).Select(header => header[1].GetString()).FirstOrDefault());
        var allowed = Differences.Values.SelectMany(parts => parts).ToList();

        var different = new List<string>();
        foreach (var line in Recordings.All.Lines("suites/user-agent/records.jsonl"))
        {
            if (headers[line.GetProperty("event").GetString()!] is not { } header || allowed.Exists(part => header.Contains(part, StringComparison.Ordinal)))
                continue;
            var record = line.GetProperty("record");
            var agent = parser.Parse(header);
            var ours = (agent.DeviceCategory == "Smartphone", agent.Version.Length == 0, agent.Type == "Robot");
            var theirs = (Boolean(record, "b3"), Boolean(record, "b4"), record.GetProperty("s1").ValueKind == JsonValueKind.Null);
            if (ours != theirs)
                different.Add($"{header}: collector (smartphone, no version, robot) {theirs}, we {ours}");
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    private static bool Boolean(JsonElement record, string field) =>
        record.GetProperty(field) is { ValueKind: JsonValueKind.Object } union ? union.GetProperty("boolean").GetBoolean() : record.GetProperty(field).GetBoolean();
}
