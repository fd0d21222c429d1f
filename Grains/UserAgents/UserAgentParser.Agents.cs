using System.Buffers;
using Divolte.Grains.UserAgents.Rules;
using Divolte.Grains.UserAgents.Vocabulary;

namespace Divolte.Grains.UserAgents;

/// <summary>The agent: what the table of agents knows, then the rules in the words of the vocabulary, then what a header says of itself.</summary>
internal sealed partial class UserAgentParser
{
    private static readonly SearchValues<char> NeverInHostNames = SearchValues.Create("(;,=\"'<>{}");

    private static readonly FoundAgent UnknownAgent = new(AgentTypes.Unknown, UserAgentDescription.Unknown, "", UserAgentDescription.Unknown, "");

    private FoundAgent FindAgent(ref RuleSearch search, in Scan scan, FoundSystem system)
    {
        var text = scan.Text;
        if (FirstRow(scan, _agentsStart, _systemsStart, out var hit) is >= 0 and var number)
            return OfRow(_tables.Agents[number - _agentsStart], text, hit, system);

        var finding = search.FindAgent();
        var row = _tables.Families.GetValueOrDefault(finding.Family);
        if (row?.Type != AgentTypes.Robot && search.IsSpider())
            return OfRobot(text, finding, "");
        if (row is not null)
            return OfFamily(row, finding, text, system);
        if (finding.Family != RuleFindings.Other)
            return OfOtherFamily(finding, text, system);
        if (RobotName.IsMarked(text) || IsRobotByAddress(text, system))
            return OfRobot(text, finding, "");
        return IsPlainMozilla(text)
            ? new FoundAgent(AgentTypes.Browser, "Mozilla", "Mozilla Foundation", "Mozilla", VersionBehind(text, "rv:"))
            : UnknownAgent;
    }

    private static FoundAgent OfRow(AgentRow row, string text, Hit hit, FoundSystem system)
    {
        var version = VersionText.After(text, hit.Index, hit.Length);
        if (version.Length == 0 && row.Family == "IE Mobile")
            version = VersionBehind(text, "MSIE");
        var type = row.Type == AgentTypes.Browser && IsMobile(system.Family) && CallsItselfMobile(text) ? AgentTypes.MobileBrowser : row.Type;
        return new FoundAgent(type, row.Family, row.Vendor, row.Type == AgentTypes.Robot ? NameWithVersion(row.Name, version) : row.Name, version);
    }

    private static FoundAgent OfRobot(string text, AgentFinding finding, string vendor)
    {
        RobotName.Find(text, out var start, out var length);
        if (start < 0)
        {
            var family = finding.Family == RuleFindings.Other ? UserAgentDescription.Unknown : finding.Family;
            var ruleVersion = Version(finding, text);
            return new FoundAgent(AgentTypes.Robot, family, vendor, NameWithVersion(family, ruleVersion), ruleVersion);
        }
        var name = text.Substring(start, length);
        var version = VersionText.After(text, start, length);
        return new FoundAgent(AgentTypes.Robot, name, vendor, NameWithVersion(name, version), version);
    }

    private FoundAgent OfFamily(FamilyRow row, AgentFinding finding, string text, FoundSystem system)
    {
        var version = Version(finding, text);
        if (row.Type == AgentTypes.Robot)
            return new FoundAgent(row.Type, row.Family, row.Vendor, NameWithVersion(row.Name, version), version);
        if (row.Type != AgentTypes.Browser || !IsMobile(system.Family))
            return new FoundAgent(row.Type, row.Family, row.Vendor, row.Name, version);
        if (row.MobileFamily.Length > 0)
            return new FoundAgent(AgentTypes.MobileBrowser, row.MobileFamily, row.Vendor, row.MobileFamily, version);
        if (!CallsItselfMobile(text))
            return new FoundAgent(AgentTypes.Browser, row.Family, row.Vendor, row.Name, version);
        row = _tables.Families.GetValueOrDefault($"{finding.Family} Mobile", row);
        return new FoundAgent(AgentTypes.MobileBrowser, row.Family, row.Vendor, row.Name, version);
    }

    private static bool CallsItselfMobile(string text) => text.Contains("Mobi", StringComparison.OrdinalIgnoreCase);

    private static FoundAgent OfOtherFamily(AgentFinding finding, string text, FoundSystem system)
    {
        if (RobotName.IsMarked(finding.Family))
            return OfRobot(text, finding, "");
        return new FoundAgent(IsMobile(system.Family) ? AgentTypes.MobileBrowser : AgentTypes.Browser, finding.Family, "", finding.Family, Version(finding, text));
    }

    /// <summary>A program that gives the address of a page and no system is a robot, and so is one that calls itself by a host name alone.</summary>
    private static bool IsRobotByAddress(string text, FoundSystem system) =>
        system.Family.Length == 0
        && (text.Contains("http://", StringComparison.OrdinalIgnoreCase) || text.Contains("https://", StringComparison.OrdinalIgnoreCase)
            || text.Contains("www.", StringComparison.OrdinalIgnoreCase) || IsHostName(text));

    private static bool IsHostName(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny("/ ");
        var name = end < 0 ? text : text[..end];
        var dot = name.LastIndexOf('.');
        if (dot < 1 || name.Length - dot is < 3 or > 7)
            return false;
        foreach (var character in name[(dot + 1)..])
        {
            if (!char.IsAsciiLetter(character))
                return false;
        }
        return !name.ContainsAny(NeverInHostNames);
    }

    private static bool IsPlainMozilla(string text) =>
        text.StartsWith("Mozilla/5.0 (", StringComparison.Ordinal) && text.Contains("rv:", StringComparison.Ordinal) && text.Contains(" Gecko/", StringComparison.Ordinal);

    private static string Version(AgentFinding finding, string text)
    {
        if (finding.Family == "Android")
            return VersionBehind(text, "Version");
        if (finding.VersionStart >= 0)
            return VersionText.At(text, finding.VersionStart);
        return finding.Major is null ? VersionBehind(text, finding.Family) : string.Join('.', Parts(finding));
    }

    private static IEnumerable<string> Parts(AgentFinding finding)
    {
        foreach (var part in new[] { finding.Major, finding.Minor, finding.Patch })
        {
            if (part is null)
                yield break;
            yield return part;
        }
    }

    private static string VersionBehind(string text, string name) =>
        text.IndexOf(name, StringComparison.OrdinalIgnoreCase) is >= 0 and var index ? VersionText.After(text, index, name.Length) : "";

    private static string NameWithVersion(string name, string version) =>
        version.Length == 0 || name.EndsWith(version, StringComparison.Ordinal) ? name : $"{name}/{version}";
}
