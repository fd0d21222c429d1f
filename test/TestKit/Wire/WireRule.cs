using System.Text.RegularExpressions;

namespace Divolte.TestKit.Wire;

/// <summary>
/// A difference that is meant, under its number in <c>docs/differences.md</c>. A rule says which requests it is about and what may then be different; the
/// document says in which groups of recorded cases it shows, and a rule holds only there.
/// </summary>
public sealed partial record WireRule
{
    private const string Whole = "";

    private WireRule(string number, Func<WireCase, bool> isAbout, params string[] facets)
    {
        Number = number;
        IsAbout = isAbout;
        Facets = facets;
    }

    /// <summary>All rules that recorded cases can meet.</summary>
    public static IReadOnlyList<WireRule> All { get; } =
    [
        new("W-1", wireCase => wireCase.Note.StartsWith("characters outside the basic plane", StringComparison.Ordinal), "field:corrupt"),
        new("W-2", wireCase => wireCase.HasMapperFailures, "events", "field:duplicate"),
        new("W-3", _ => true, "header:date") { IsOfRefusalsOnly = true },
        new("W-3", Any(request => request.HasOtherVersion), "status") { IsOfRefusalsOnly = true },
        new("W-4", Any(request => request.HasMalformedHead || request.HasMalformedBody || request.IsConnectToPing), Whole),
        new("W-4", wireCase => wireCase.HasHalfClose && Any(request => request.HasShortBody)(wireCase), Whole),
        new("W-5", Any(request => request.HasLeadingBlankLine || request.HasPlusSignInLength || request.HasOddHeaders), Whole),
        new("W-6", Any(request => request.HasCloseInAList || request.IsHttpOneZero), "header:connection", "connection"),
        new("W-6", Any(request => request.ExpectsContinue), Whole),
        new("W-7", Any(request => request.HasTooMuchHead), "status", "header:date"),
        new("W-8", wireCase => wireCase.Configuration == "debug-requests", "field:remoteHost"),
        new("W-9", wireCase => wireCase.Note.Contains("resolver", StringComparison.Ordinal) || wireCase.Note.Contains("empty last item", StringComparison.Ordinal), "field:remoteHost"),
        new("W-10", wireCase => wireCase.Configuration == "collide", Whole),
        new("W-11", Any(request => request.DeclaredLength > 4096), "status", "header:", "connection"),
        new("W-13", wireCase => wireCase.Configuration is "memory-one" or "memory-two" or "threads", "field:duplicate"),
    ];

    public string Number { get; }

    /// <summary>Whether only answers of 400 may differ.</summary>
    private bool IsOfRefusalsOnly { get; init; }

    private Func<WireCase, bool> IsAbout { get; }

    private IReadOnlyList<string> Facets { get; }

    /// <summary>What no rule explains.</summary>
    /// <param name="wireCase">The case.</param>
    /// <param name="differences">All its differences.</param>
    /// <param name="document">The text of <c>docs/differences.md</c>.</param>
    /// <param name="used">Rules that explained something are added.</param>
    public static IReadOnlyList<WireDifference> Unexplained(
        WireCase wireCase, IReadOnlyList<WireDifference> differences, string document, ISet<string> used)
    {
        var rules = All.Where(rule => rule.IsAbout(wireCase) && GroupsOf(rule.Number, document) is var groups && (groups.Count == 0 || groups.Contains(wireCase.Group))).ToList();
        var left = new List<WireDifference>();
        foreach (var difference in differences)
        {
            if (rules.Find(rule => rule.Explains(difference, wireCase)) is { } rule)
                used.Add(rule.Number);
            else
                left.Add(difference);
        }
        return left;
    }

    /// <summary>The groups that the document's table names for a rule; empty when it says any.</summary>
    /// <exception cref="InvalidOperationException">The table has no such rule.</exception>
    public static IReadOnlyList<string> GroupsOf(string number, string document)
    {
        var row = Regex.Match(document, $@"^\| {number} \| (?<groups>[^|]*) \|", RegexOptions.Multiline);
        if (!row.Success)
            throw new InvalidOperationException($"docs/differences.md has no row for {number} in its table of recorded cases.");
        return row.Groups["groups"].Value == "any" ? [] : [.. Quoted().Matches(row.Groups["groups"].Value).Select(match => match.Groups["name"].Value)];
    }

    private bool Explains(WireDifference difference, WireCase wireCase) =>
        Facets.Any(facet => facet.Length == 0 || facet == difference.Facet || (facet.EndsWith(':') && difference.Facet.StartsWith(facet, StringComparison.Ordinal)))
        && (!IsOfRefusalsOnly || wireCase.Connections.Any(steps => steps.Any(IsRefusal)));

    private static bool IsRefusal(System.Text.Json.JsonElement step) =>
        step.TryGetProperty("receive", out var answer) && answer.ValueKind == System.Text.Json.JsonValueKind.Object && answer.GetProperty("status").GetInt32() == 400;

    private static Func<WireCase, bool> Any(Func<WireRequest, bool> isAbout) => wireCase => wireCase.Sent.Any(bytes => isAbout(new WireRequest(bytes)));

    [GeneratedRegex("`(?<name>[^`]+)`")]
    private static partial Regex Quoted();
}
