using Divolte.Grains.UserAgents;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents;

/// <summary>Headers of 2020 and later with every field as a person has checked it: browsers, apps, televisions, consoles, robots and libraries.</summary>
public sealed class ModernAgentTests
{
    private static readonly UserAgentParser Parser = UserAgentParser.ReadEmbedded();

    [Fact]
    public void EveryField_IsAsChecked()
    {
        var rows = File.ReadLines(CaseFiles.PathOf("modern.tsv")).Skip(1).Select(line => line.Split('\t')).ToList();

        var wrong = rows
            .Select(row => (Expected: string.Join('|', row[..^1]), Found: Print(Parser.Parse(row[^1])), Header: row[^1]))
            .Where(entry => entry.Expected != entry.Found)
            .Select(entry => $"{entry.Header}\n  expected {entry.Expected}\n  found    {entry.Found}")
            .ToList();

        Assert.True(rows.Count >= 150, $"{rows.Count} headers");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Print(UserAgentDescription agent) => string.Join(
        '|', agent.Name, agent.Family, agent.Vendor, agent.Type, agent.Version, agent.DeviceCategory, agent.OsFamily, agent.OsVersion, agent.OsVendor);
}
