using Divolte.Grains.UserAgents;
using Divolte.Grains.UserAgents.Hints;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents.Hints;

public sealed class ClientHintsTests
{
    private const string Windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
    private const string Phone = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36";
    private const string Desktop = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";

    private static readonly UserAgentParser Parser = UserAgentParser.ReadEmbedded();

    [Fact]
    public void FullVersions_GiveNameAndVersion()
    {
        var agent = Refine(Windows, "Sec-CH-UA: \"Not_A Brand\";v=\"8\", \"Chromium\";v=\"120\", \"Brave\";v=\"120\"",
            "Sec-CH-UA-Full-Version-List: \"Not_A Brand\";v=\"8.0.0.0\", \"Chromium\";v=\"120.0.6099.130\", \"Brave\";v=\"1.61.109\"");

        Assert.Equal(("Brave", "Brave", "Brave Software, Inc.", "1.61.109"), (agent.Name, agent.Family, agent.Vendor, agent.Version));
    }

    [Fact]
    public void ChromesOwnBrand_KeepsChromeAndTellsItsBuild()
    {
        var agent = Refine(Windows, "sec-ch-ua-full-version-list: \"Google Chrome\";v=\"120.0.6099.130\", \"Not;A=Brand\";v=\"99.0.0.0\", \"Chromium\";v=\"120.0.6099.130\"");

        Assert.Equal(("Chrome", "Google Inc.", "Browser", "120.0.6099.130"), (agent.Name, agent.Vendor, agent.Type, agent.Version));
    }

    [Fact]
    public void BrandWithOneNumber_KeepsTheHeadersVersion() =>
        Assert.Equal("120.0.0.0", Refine(Windows, "Sec-CH-UA: \"Google Chrome\";v=\"120\", \"Chromium\";v=\"120\"").Version);

    [Fact]
    public void PhoneWithABrand_IsItsMobileBrowser()
    {
        var agent = Refine(Phone, "Sec-CH-UA: \"Chromium\";v=\"120\", \"Google Chrome\";v=\"120\"", "Sec-CH-UA-Mobile: ?1");

        Assert.Equal(("Chrome Mobile", "Mobile Browser", "Smartphone"), (agent.Family, agent.Type, agent.DeviceCategory));
    }

    [Theory]
    [InlineData("15.0.0", "11.0")]
    [InlineData("10.0.0", "10.0")]
    [InlineData("0.3.0", "6.3")]
    [InlineData("0.1.0", "6.1")]
    [InlineData("x", "10.0")]
    [InlineData("", "10.0")]
    public void WindowsVersions_AreTranslated(string hint, string version) =>
        Assert.Equal(version, Refine(Windows, "Sec-CH-UA-Platform: \"Windows\"", $"Sec-CH-UA-Platform-Version: \"{hint}\"").OsVersion);

    [Fact]
    public void PhoneThatAsksForTheDesktopSite_IsTold()
    {
        var agent = Refine(Desktop, "Sec-CH-UA-Platform: \"Android\"", "Sec-CH-UA-Platform-Version: \"14.0.0\"", "Sec-CH-UA-Mobile: ?1");

        Assert.Equal(("Android", "14", "Google, Inc.", "Smartphone"), (agent.OsFamily, agent.OsVersion, agent.OsVendor, agent.DeviceCategory));
    }

    [Theory]
    [InlineData("Sec-CH-UA-Model: \"SM-X906B\"", "Tablet")]
    [InlineData("Sec-CH-UA-Form-Factors: \"Tablet\"", "Tablet")]
    [InlineData("Sec-CH-UA-Form-Factors: \"Watch\"", "Wearable computer")]
    [InlineData("Sec-CH-UA-Mobile: ?0", "Tablet")]
    public void Device_IsRefined(string hint, string category) => Assert.Equal(category, Refine(Phone, hint).DeviceCategory);

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")]
    [InlineData("curl/8.4.0")]
    [InlineData("nonsense")]
    public void WhatIsNoBrowser_IsNotRefined(string header) =>
        Assert.Equal(Parser.Parse(header), Refine(header, "Sec-CH-UA: \"Brave\";v=\"120\"", "Sec-CH-UA-Platform: \"Windows\"", "Sec-CH-UA-Mobile: ?1"));

    [Theory]
    [InlineData("Sec-CH-UA: \"")]
    [InlineData("Sec-CH-UA: \"a\";;;,,\"")]
    [InlineData("Sec-CH-UA: \"Not A;Brand\";v=\"99\"")]
    [InlineData("Sec-CH-UA-Mobile: 1")]
    [InlineData("Sec-CH-UA-Platform: Windows")]
    [InlineData("Sec-CH-UA-Unheard-Of: \"x\"")]
    public void WhatCannotBeRead_ChangesNothing(string hint) => Assert.Equal(Parser.Parse(Phone), Refine(Phone, hint));

    [Fact]
    public void HeaderAndHints_ComeBackFromOneText()
    {
        var key = new HintedHeader(new byte[HintedHeader.LengthMax], "agent"u8);
        key.Add("Accept"u8, "x"u8);
        key.Add("SEC-CH-UA-Platform"u8, "\"Linux\""u8);
        key.Add("sec-ch-ua-model"u8, new byte[HintedHeader.HintLengthMax + 1]);

        var (header, hints) = HintedHeader.Split(key.Bytes);

        Assert.Equal(("agent", "Linux", ""), (header, hints!.Platform, hints.Model));
    }

    private static UserAgentDescription Refine(string header, params string[] headers)
    {
        var hints = new ClientHints();
        foreach (var line in headers)
            hints.Add(line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..]);
        return Parser.Refine(Parser.Parse(header), hints);
    }
}
