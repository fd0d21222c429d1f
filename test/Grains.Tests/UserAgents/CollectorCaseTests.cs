using System.Globalization;
using Divolte.Grains.UserAgents;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents;

/// <summary>
/// The library that the collector used, and its data of 2014, against ours: not all, but nearly all headers must be told the same way.
/// The bars stand below what is reached now, so that a rule may change; a fall below them means that users' joins break.
/// </summary>
public sealed class CollectorCaseTests
{
    private static readonly UserAgentParser Parser = UserAgentParser.ReadEmbedded();

    /// <summary>Families that the library printed otherwise than its case files call them.</summary>
    private static readonly Dictionary<string, string> PrintedFamilies = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Apache-HttpClient"] = "Jakarta Commons-HttpClient",
    };

    private static readonly string[] SystemFamilies =
    [
        "AIX", "AROS", "Amiga OS", "Android", "BSD", "Bada", "BeOS", "BlackBerry OS", "Brew", "DangerOS", "Firefox OS", "HP-UX", "Haiku OS", "IRIX", "Inferno OS",
        "JVM", "Linux", "LiveArea", "MINIX", "Mac OS", "Maemo", "MeeGo", "MorphOS", "Nintendo", "OS X", "OS/2", "OpenVMS", "Palm OS", "QNX", "RISC OS", "Sailfish",
        "Solaris", "Syllable", "Symbian OS", "Tizen", "Wii OS", "Windows", "XrossMediaBar (XMB)", "iOS", "webOS",
    ];

    /// <summary>Systems whose family does not start their name.</summary>
    private static readonly Dictionary<string, string> SystemNames = new(StringComparer.Ordinal)
    {
        ["Danger Hiptop"] = "DangerOS", ["Joli OS"] = "Linux", ["MSN TV (WebTV)"] = "Windows", ["RISK OS"] = "RISC OS", ["Xbox platform"] = "Windows",
        ["Wii U OS"] = "Wii OS", ["DragonFly BSD"] = "BSD", ["FreeBSD"] = "BSD", ["NetBSD"] = "BSD", ["OpenBSD"] = "BSD",
    };

    [Fact]
    public void Types_AreAsTheCollectorHadThem() => AtLeast(0.985, Browsers(), row => row[0] == "robot" ? "Robot" : row[0], agent => agent.Type);

    [Fact]
    public void Families_AreAsTheCollectorHadThem() =>
        AtLeast(0.97, Browsers(), row => PrintedFamilies.GetValueOrDefault(row[1], row[1]), agent => agent.Family);

    [Fact]
    public void DeviceCategories_AreAsTheCollectorHadThem() => AtLeast(0.96, CaseFiles.Rows("uadetector.zip", "device.tsv"), row => row[0], agent => agent.DeviceCategory);

    [Fact]
    public void SystemFamilies_AreAsTheCollectorHadThem() => AtLeast(
        0.975,
        CaseFiles.Rows("uadetector.zip", "os.tsv").Concat(CaseFiles.Rows("uadetector.zip", "os-samples/").Select(row => new[] { row[1], row[3] })),
        row => FamilyOf(row[0]),
        agent => agent.OsFamily);

    [Fact]
    public void SystemVersions_AreAsTheCollectorHadThem() => AtLeast(
        0.97,
        CaseFiles.Rows("uadetector.zip", "os-samples/").Where(row => row[2].Length > 0),
        row => row[2],
        agent => agent.OsVersion);

    private static IEnumerable<string[]> Browsers() => CaseFiles.Rows("uadetector.zip", "browser.tsv");

    private static string FamilyOf(string name)
    {
        var known = SystemNames.GetValueOrDefault(name, name);
        return SystemFamilies.Where(family => known.StartsWith(family, StringComparison.Ordinal)).MaxBy(family => family.Length) ?? "";
    }

    private static void AtLeast(double share, IEnumerable<string[]> rows, Func<string[], string> expect, Func<UserAgentDescription, string> find)
    {
        var all = rows.Select(row => (Expected: expect(row).Trim(), Found: find(Parser.Parse(row[^1])).Trim(), Header: row[^1])).ToList();

        var wrong = all.Where(entry => !string.Equals(entry.Expected, entry.Found, StringComparison.OrdinalIgnoreCase)).ToList();

        var reached = 1 - (double)wrong.Count / all.Count;
        Assert.True(
            reached >= share,
            string.Create(CultureInfo.InvariantCulture, $"{reached:P2} of {all.Count}, {share:P1} needed:\n")
            + string.Join('\n', wrong.Select(entry => $"{entry.Expected} > {entry.Found} | {entry.Header}")));
    }
}
