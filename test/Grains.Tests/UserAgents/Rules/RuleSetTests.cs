using Divolte.Grains.UserAgents.Rules;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents.Rules;

/// <summary>The rules against the cases of the project that they come from: all of them.</summary>
public sealed class RuleSetTests
{
    private static readonly RuleSet Rules = new(RuleSet.ReadEmbeddedLists(), []);

    [Fact]
    public void Agents_AreAsInTheirCases() => AllHold("agent.", 7261, row => (Rules.Find(row[0]).Agent is var agent)
        ? [agent.Family, agent.Major, agent.Minor, agent.Patch]
        : []);

    [Fact]
    public void Systems_AreAsInTheirCases() => AllHold("os.", 243, row => (Rules.Find(row[0]).System is var system)
        ? [system.Family, system.Major, system.Minor, system.Patch, system.PatchMinor]
        : []);

    [Fact]
    public void Devices_AreAsInTheirCases() => AllHold("device.", 8058, row => (Rules.Find(row[0]).Device is var device)
        ? [device.Family, device.Brand, device.Model]
        : []);

    private static void AllHold(string section, int count, Func<string[], string?[]> find)
    {
        var rows = CaseFiles.Rows("uap-core.zip", section).ToList();

        var wrong = rows
            .Select(row => (Header: row[0], Expected: row[1..], Found: find(row).Select(text => text ?? "").ToArray()))
            .Where(entry => !entry.Expected.SequenceEqual(entry.Found))
            .Select(entry => $"{entry.Header}: expected {string.Join('|', entry.Expected)}, found {string.Join('|', entry.Found)}")
            .ToList();

        Assert.Equal(count, rows.Count);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
