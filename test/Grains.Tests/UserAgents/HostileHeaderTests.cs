using System.Text;
using CsCheck;
using Divolte.Grains.UserAgents;
using Divolte.Grains.UserAgents.Rules;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents;

/// <summary>Headers that are made to harm cost little and break nothing.</summary>
public sealed class HostileHeaderTests
{
    private static readonly UserAgentParser Parser = UserAgentParser.ReadEmbedded();
    private static readonly RuleSet Rules = new(RuleSet.ReadEmbeddedLists(), []);

    [Fact]
    public void AnyText_IsTold() => Gen.String[Gen.Char, 0, 300].Sample(text => Assert.NotNull(Parser.Parse(text).Name), iter: 2_000);

    [Fact]
    public void AnyTextThatCallsItselfARobot_IsTold() =>
        Gen.String[Gen.Char[' ', '~'], 0, 200].Sample(text => Assert.NotNull(Parser.Parse($"bot {text}").Name), iter: 2_000);

    [Fact]
    public void AnyBytes_AreTold()
    {
        var catalog = new UserAgentCatalog<UserAgentDescription>(8, agent => agent, seed: 1);

        Gen.Byte.Array[0, 2_000].Sample(bytes => Assert.NotNull(catalog.Find(bytes).Name), iter: 500);
    }

    [Fact]
    public void WhatStandsBehindTheLimit_IsNotLookedAt()
    {
        var start = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 ".PadRight(UserAgentParser.HeaderLengthMax, 'x');

        Assert.Equal(Parser.Parse(start), Parser.Parse(start + new string(' ', 100_000) + "Googlebot/2.1"));
    }

    [Fact]
    public void LongHeaders_TakeNoMoreOfTheCacheThanWhatIsLookedAt()
    {
        var catalog = new UserAgentCatalog<UserAgentDescription>(8, agent => agent, seed: 1);
        catalog.Find(Encoding.ASCII.GetBytes(new string('x', 1 << 20)));

        Assert.Equal(UserAgentParser.HeaderLengthMax, catalog.Cache.Bytes);
    }

    [Theory]
    [InlineData("HTC_")]
    [InlineData("; Android 2.3; en-us; ")]
    [InlineData("; SAMSUNG ")]
    [InlineData("a-bot-")]
    [InlineData("Opera Mini/")]
    public void HeaderThatRepeatsItself_IsCutWhereItBecomesUnusual(string piece) =>
        Assert.InRange(UsualLength(string.Concat(Enumerable.Repeat(piece, 1024 / piece.Length))), 100, 900);

    [Fact]
    public void RealHeaders_AreNeverCut()
    {
        var cut = CaseFiles.Rows("uap-core.zip", "").Where(row => row.Length > 3).Select(row => row[0])
            .Concat(CaseFiles.Rows("uadetector.zip", "browser.tsv").Select(row => row[^1]))
            .Where(header => UsualLength(header) < header.Length);

        Assert.Empty(cut);
    }

    private static int UsualLength(string header) =>
        Rules.Filter.Find(header, new ulong[Rules.Filter.LiteralWordCount], new ulong[Rules.Filter.WordCount]);
}
