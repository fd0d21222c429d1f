using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>
/// What the tag of Divolte Collector was recorded to send, store, export and throw, played again in a real browser with the tag of the whole program.
/// A difference is accepted only under a rule of <c>docs/differences.md</c>.
/// </summary>
[Trait("Needs", "Chromium")]
public sealed class RecordedTagTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "docs", "differences.md"));

    [Fact]
    public async Task SampleOfTheRecordedScenarios_IsAlike()
    {
        var (unexplained, _) = await PlayAllAsync(TagEngine.Chromium, (scenario, number) => number % 30 == 0 && !scenario.IsTimed);

        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
    }

    [Fact]
    [Trait("Duration", "Long")]
    public async Task EveryRecordedScenario_IsAlikeAndEveryRuleIsNeeded()
    {
        var (unexplained, used) = await PlayAllAsync(TagEngine.Chromium, (_, _) => true);

        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
        Assert.Equal(TagRule.All.Select(rule => rule.Number).Order(), used.Order());
    }

    [Fact]
    [Trait("Duration", "Long")]
    [Trait("Needs", "Firefox")]
    public async Task EveryRecordedScenario_IsAlikeInFirefoxToo()
    {
        var (unexplained, _) = await PlayAllAsync(TagEngine.Firefox, (_, _) => true);

        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
    }

    private static async Task<(IReadOnlyList<string> Unexplained, IReadOnlySet<string> Used)> PlayAllAsync(
        TagEngine engine, Func<TagScenario, int, bool> isChosen)
    {
        var scenarios = TagScenario.ReadAll();
        using var folder = new TemporaryFolder();
        await using var stage = await TagStage.OpenOrSkipAsync(folder, scenarios, engine);
        var used = new HashSet<string>();
        var unexplained = await DifferencesAsync(stage, [.. scenarios.Where(isChosen).Where(scenario => scenario.IsFor(engine))], engine, used);
        // Steps end when the network has been quiet for a while: on a busy machine that can be too early, but hardly twice. Firefox drops an image that is
        // begun in the moment in which its page leaves, in about four of ten tries of the page that redirects itself at once; so it gets more of them.
        for (var tries = engine == TagEngine.Firefox ? 7 : 1; tries > 0 && unexplained.Count > 0; tries--)
        {
            var again = scenarios.Where(scenario => unexplained.ContainsKey(scenario.Name)).ToList();
            unexplained = await DifferencesAsync(stage, again, engine, used);
        }
        return ([.. unexplained.Values], used);
    }

    private static async Task<Dictionary<string, string>> DifferencesAsync(
        TagStage stage, IReadOnlyList<TagScenario> scenarios, TagEngine engine, HashSet<string> used)
    {
        var outcomes = await stage.PlayAsync(scenarios);
        var unexplained = new Dictionary<string, string>();
        foreach (var scenario in scenarios)
        {
            var outcome = outcomes.TryGetValue(scenario.Name, out var seen) ? seen : JsonElement.Parse("{}");
            if (scenario.Compare(outcome, engine) is not { Count: > 0 } parts)
                continue;
            if (TagRule.For(scenario, Document) is { } rule)
                used.Add(rule.Number);
            else
                unexplained[scenario.Name] = $"{scenario}: {string.Join("; ", parts.Select(part => $"{part}: {Text(scenario.ExpectedIn(engine), part)} is {Text(outcome, part)}"))}";
        }
        return unexplained;
    }

    private static string Text(JsonElement element, string part)
    {
        var text = element.TryGetProperty(part, out var value) ? value.GetRawText() : "absent";
        return text.Length > 600 ? text[..600] + "…" : text;
    }
}
