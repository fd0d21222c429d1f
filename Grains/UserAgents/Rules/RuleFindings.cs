using System.Text;
using System.Text.RegularExpressions;

namespace Divolte.Grains.UserAgents.Rules;

/// <summary>What the rules of the ua-parser project say about a header, in their own words.</summary>
internal sealed class RuleFindings
{
    /// <summary>The name of everything that no rule knows.</summary>
    public const string Other = "Other";

    public required AgentFinding Agent { get; init; }

    public required SystemFinding System { get; init; }

    public required DeviceFinding Device { get; init; }

    /// <summary>The text of a group; null when the pattern has no such group, or the group took no part or is empty.</summary>
    internal static string? Group(Match match, int number) =>
        number < match.Groups.Count && match.Groups[number] is { Success: true, Length: > 0 } group ? group.Value : null;

    /// <summary>A replacement with the groups that it names put in; null when nothing is left.</summary>
    internal static string? Replace(string replacement, Match match)
    {
        if (!replacement.Contains('$'))
            return replacement.Length > 0 ? replacement : null;
        var text = new StringBuilder();
        for (var index = 0; index < replacement.Length; index++)
        {
            if (replacement[index] == '$' && index + 1 < replacement.Length && char.IsAsciiDigit(replacement[index + 1]))
                text.Append(Group(match, replacement[++index] - '0'));
            else
                text.Append(replacement[index]);
        }
        return text.Length > 0 ? text.ToString() : null;
    }

    internal static string? ReplaceOrGroup(Rule rule, Match match, int replacement, int group) =>
        rule.Replacements[replacement] is { } text ? Replace(text, match) : Group(match, group);
}

/// <summary>The program that sent the request.</summary>
/// <param name="Family">Its name.</param>
/// <param name="Major">First part of its version.</param>
/// <param name="Minor">Second part.</param>
/// <param name="Patch">Third part.</param>
/// <param name="VersionStart">Where the header has the version; -1 when the rule took it from nowhere.</param>
internal readonly record struct AgentFinding(string Family, string? Major, string? Minor, string? Patch, int VersionStart)
{
    public static AgentFinding Of(Rule? rule, Match? match)
    {
        if (rule is null || match is null)
            return new AgentFinding(RuleFindings.Other, null, null, null, -1);
        var isFromHeader = rule.Replacements[1] is null && match.Groups.Count > 2 && match.Groups[2].Success;
        return new AgentFinding(
            RuleFindings.ReplaceOrGroup(rule, match, 0, 1) ?? RuleFindings.Other,
            RuleFindings.ReplaceOrGroup(rule, match, 1, 2),
            RuleFindings.ReplaceOrGroup(rule, match, 2, 3),
            RuleFindings.ReplaceOrGroup(rule, match, 3, 4),
            isFromHeader ? match.Groups[2].Index : -1);
    }
}

/// <summary>The operating system: its name and up to four parts of its version.</summary>
internal readonly record struct SystemFinding(string Family, string? Major, string? Minor, string? Patch, string? PatchMinor)
{
    public static SystemFinding Of(Rule? rule, Match? match)
    {
        if (rule is null || match is null)
            return new SystemFinding(RuleFindings.Other, null, null, null, null);
        return new SystemFinding(
            RuleFindings.ReplaceOrGroup(rule, match, 0, 1) ?? RuleFindings.Other,
            RuleFindings.ReplaceOrGroup(rule, match, 1, 2),
            RuleFindings.ReplaceOrGroup(rule, match, 2, 3),
            RuleFindings.ReplaceOrGroup(rule, match, 3, 4),
            RuleFindings.ReplaceOrGroup(rule, match, 4, 5));
    }
}

/// <summary>The device; <c>Spider</c> is the family of everything that crawls.</summary>
internal readonly record struct DeviceFinding(string Family, string? Brand, string? Model)
{
    public const string Spider = "Spider";

    public static DeviceFinding Of(Rule? rule, Match? match)
    {
        if (rule is null || match is null)
            return new DeviceFinding(RuleFindings.Other, null, null);
        var brand = rule.Replacements[1] is { } text ? RuleFindings.Replace(text, match) : null;
        return new DeviceFinding(
            Trim(RuleFindings.ReplaceOrGroup(rule, match, 0, 1)) ?? RuleFindings.Other, Trim(brand), Trim(RuleFindings.ReplaceOrGroup(rule, match, 2, 1)));
    }

    private static string? Trim(string? text) => text?.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}
