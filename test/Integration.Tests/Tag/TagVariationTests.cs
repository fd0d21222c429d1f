using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>
/// Scenarios of our own beside the recorded ones, in <c>variations.jsonl</c>: what the description of the wire protocol says of them, in two browsers.
/// Their member <c>own</c> has what is expected: parameters of the events in order, how many had no
/// answer yet before each, what the last step gave, and uncaught errors.
/// </summary>
[Trait("Needs", "Chromium")]
[Trait("Duration", "Long")]
public sealed class TagVariationTests
{
    private static readonly string VariationFile = Path.Combine(RepositoryPaths.Root, "test", "Integration.Tests", "Tag", "variations.jsonl");

    [Theory]
    [InlineData(TagEngine.Chromium)]
    [InlineData(TagEngine.Firefox)]
    internal async Task EveryVariation_IsAsDescribed(TagEngine engine)
    {
        var scenarios = File.ReadAllLines(VariationFile).Select(line => new TagScenario(line, JsonElement.Parse(line))).ToList();
        using var folder = new TemporaryFolder();
        await using var stage = await TagStage.OpenOrSkipAsync(folder, scenarios, engine);

        var outcomes = await stage.PlayAsync(scenarios);

        var differences = scenarios.SelectMany(scenario => Differences(scenario, outcomes[scenario.Name])).ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static IEnumerable<string> Differences(TagScenario scenario, JsonElement outcome)
    {
        foreach (var expected in scenario.Document.GetProperty("own").EnumerateObject())
        {
            var seen = expected.Name switch
            {
                "last" => JsonElement.Parse(TagOutcome.LastResult(outcome)),
                "errors" => outcome.GetProperty("page_errors"),
                "unanswered" => JsonSerializer.SerializeToElement(outcome.GetProperty("beacons").EnumerateArray().Select(beacon => beacon.GetProperty("unanswered_before"))),
                _ => JsonSerializer.SerializeToElement(TagOutcome.Values(outcome, expected.Name).Select(Uri.UnescapeDataString)),
            };
            if (!JsonElement.DeepEquals(expected.Value, seen))
                yield return $"{scenario}: {expected.Name} {expected.Value.GetRawText()} is {seen.GetRawText()}";
        }
        if (outcome.GetProperty("beacons").EnumerateArray().Any(beacon => !beacon.GetProperty("checksum_right").GetBoolean()))
            yield return $"{scenario}: a checksum is wrong";
    }
}
