using Divolte.TestKit.Wire;

namespace Divolte.Integration.Tests.Tag;

/// <summary>A difference of the tag that is meant, under its number in <c>docs/differences.md</c>: which scenarios it is about, and in which groups it may show.</summary>
/// <param name="Number">The number.</param>
/// <param name="IsAbout">Whether a scenario can meet it.</param>
internal sealed record TagRule(string Number, Func<TagScenario, bool> IsAbout)
{
    /// <summary>All rules that recorded scenarios can meet.</summary>
    public static IReadOnlyList<TagRule> All { get; } =
    [
        new("T-1", scenario => scenario.Pages.Contains("divolte.js?", StringComparison.Ordinal) && HasSlashInQuery(scenario.Pages)),
        new("T-2", scenario => HasError(scenario, "SecurityError") || (HasError(scenario, "Error") && scenario.Init.Contains("cookie", StringComparison.Ordinal))),
        new("T-3", scenario => scenario.Init.Contains("hidden", StringComparison.OrdinalIgnoreCase) && scenario.Pages.Contains("divolte.js#", StringComparison.Ordinal)),
        new("T-4", scenario => HasError(scenario, "TypeError") && scenario.Pages.Contains("module = null", StringComparison.Ordinal)),
        new("T-5", scenario => scenario.Expected.GetRawText().Contains("[\"u\",\"undefined\"]", StringComparison.Ordinal)),
        new("T-6", scenario => scenario.Steps.Contains("whenCommitted('", StringComparison.Ordinal)),
        new("T-7", scenario => scenario.Steps.Contains("whenCommitted", StringComparison.Ordinal) && scenario.Steps.Contains("throw", StringComparison.Ordinal)),
        new("T-8", scenario => scenario.Steps.Contains("\"leaves\"", StringComparison.Ordinal) || scenario.Steps.Contains("closeTab", StringComparison.Ordinal)),
    ];

    /// <summary>The rule that explains why a scenario differs; null when none does.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="document">The text of <c>docs/differences.md</c>.</param>
    public static TagRule? For(TagScenario scenario, string document) =>
        All.FirstOrDefault(rule => rule.IsAbout(scenario) && WireRule.GroupsOf(rule.Number, document).Contains(scenario.Group));

    private static bool HasError(TagScenario scenario, string name) =>
        scenario.Expected.GetProperty("page_errors").EnumerateArray().Any(error => error.GetString() == name);

    private static bool HasSlashInQuery(string pages)
    {
        var query = pages[(pages.IndexOf("divolte.js?", StringComparison.Ordinal) + "divolte.js?".Length)..];
        return query[..query.IndexOfAny(['"', '\'', '#'])].Contains('/', StringComparison.Ordinal);
    }
}
