using Divolte.Grains.UserAgents;
using Divolte.Grains.UserAgents.Vocabulary;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents.Vocabulary;

public sealed class VocabularyTablesTests
{
    private static readonly VocabularyTables Tables = VocabularyTables.ReadEmbedded();

    private static readonly string[] Types =
    [
        "Browser", "Email client", "Feed Reader", "Library", "Mobile Browser", "Multimedia Player", "Offline Browser", "Other", "Robot", "Useragent Anonymizer", "Validator",
        "Wap Browser",
    ];

    private static readonly string[] Categories = ["Game console", "Other", "PDA", "Personal computer", "Smart TV", "Smartphone", "Tablet", "Wearable computer"];

    private static readonly string[] Systems =
    [
        "AIX", "AROS", "Amiga OS", "Android", "BSD", "Bada", "BeOS", "BlackBerry OS", "Brew", "DangerOS", "Firefox OS", "HP-UX", "Haiku OS", "IRIX", "Inferno OS", "JVM",
        "Linux", "LiveArea", "MINIX", "Mac OS", "Maemo", "MeeGo", "MorphOS", "Nintendo", "OS X", "OS/2", "OpenVMS", "Palm OS", "QNX", "RISC OS", "Sailfish", "Solaris",
        "Syllable", "Symbian OS", "Tizen", "Wii OS", "Windows", "XrossMediaBar (XMB)", "iOS", "webOS",
    ];

    [Fact]
    public void EveryWord_IsOneThatUsersJoinOn()
    {
        Assert.Empty(Tables.Agents.Select(row => row.Type).Concat(Tables.Families.Values.Select(row => row.Type)).Except(Types));
        Assert.Empty(Tables.Devices.Select(row => row.Category).Except(Categories));
        Assert.Empty(Tables.Systems.Select(row => row.Family).Except(Systems));
        Assert.Empty(Systems.Except(Tables.Systems.Select(row => row.Family)));
    }

    [Fact]
    public void NoLiteral_StandsTwiceInATable()
    {
        Assert.Empty(Repeated(Tables.Agents.SelectMany(row => row.Literals)));
        Assert.Empty(Repeated(Tables.Systems.SelectMany(row => row.Literals)));
        Assert.Empty(Repeated(Tables.Devices.SelectMany(row => row.Literals)));
    }

    [Theory]
    [InlineData("iron/", "SRWare Iron/1", 7)]
    [InlineData("iron/", "environ/1", -1)]
    [InlineData("~bot", "Robot", 2)]
    [InlineData("bot", "Robots bot", 7)]
    [InlineData("bot*", "x bots", 2)]
    [InlineData("^curl", " curl/7", 1)]
    [InlineData("^curl", "libcurl curl", -1)]
    [InlineData("ab", "aba ab", 4)]
    public void Literal_IsFoundWhereItMustStand(string written, string header, int index) => Assert.Equal(index, new HeaderLiteral(written).Find(header));

    [Theory]
    [InlineData("")]
    [InlineData("^")]
    [InlineData("x*")]
    [InlineData("a*b")]
    [InlineData("ä-bot")]
    public void LiteralThatSaysNothing_IsRefused(string written) => Assert.Throws<InvalidDataException>(() => new HeaderLiteral(written));

    [Fact]
    public void WithoutKnowledge_EveryTextIsThere() => Assert.Equal(
        new UserAgentDescription
        {
            Name = "unknown", Family = "unknown", Vendor = "", Type = "", Version = "", DeviceCategory = "", OsFamily = "", OsVersion = "", OsVendor = "",
        },
        UserAgentParser.ReadEmbedded().Parse("complete nonsense"));

    private static List<string> Repeated(IEnumerable<HeaderLiteral> literals) =>
        [.. literals.GroupBy(literal => literal.ToString()).Where(group => group.Count() > 1).Select(group => group.Key!)];
}
