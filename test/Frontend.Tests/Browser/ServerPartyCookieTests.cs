using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class ServerPartyCookieTests
{
    private const string Party = "0:i1t84hgy:5AF359Zjq5kUy98u4wQjlIZzWGhN~GlG";

    [Theory]
    [InlineData("same-origin", true)]
    [InlineData("same-site", false)]
    [InlineData("cross-site", false)]
    [InlineData("none", false)]
    public async Task OwnHost_RenewsForItsOwnPages(string site, bool isRenewed) =>
        Assert.Equal(
            isRenewed ? $"_dvp={Party}; path=/; max-age=63072000" : null,
            await CookieAsync(new BrowserSourceOptions { Name = "one", HasServerPartyCookie = true }, Party, $"Sec-Fetch-Site: {site}\r\n"));

    [Theory]
    [InlineData("track.shop.test", "Sec-Fetch-Site: same-site", true)]
    [InlineData("track.shop.test", "Sec-Fetch-Site: cross-site", false)]
    [InlineData("track.shop.test", "Referer: https://www.shop.test/a", true)]
    [InlineData("track.shop.test:8290", "Referer: https://shop.test/a", true)]
    [InlineData("track.shop.test", "Referer: https://www.notshop.test/a", false)]
    [InlineData("track.notshop.test", "Referer: https://www.shop.test/a", false)]
    [InlineData("track.shop.test", "Referer: /a", false)]
    [InlineData("track.shop.test", "X-Nothing: said", false)]
    public async Task Domain_RenewsForItsSites(string host, string header, bool isRenewed)
    {
        var source = new BrowserSourceOptions
        {
            Name = "one", HasServerPartyCookie = true, CookieDomain = ".shop.test", CookieSameSite = CookieSameSite.Lax, IsCookieSecure = true,
            PartyCookie = "who", PartyTimeout = TimeSpan.FromMinutes(2),
        };

        Assert.Equal(
            isRenewed ? $"who={Party}; path=/; max-age=120; domain=.shop.test; SameSite=Lax; Secure" : null,
            await CookieAsync(source, Party, header + "\r\n", host));
    }

    [Theory]
    [InlineData("0:i1t84hgy:a;b")]
    [InlineData("0:i1t84hgy:a%0d%0ab")]
    [InlineData("0:i1t84hgy:%C3%A9")]
    [InlineData("0:i1t84hgy")]
    [InlineData("1:i1t84hgy:a")]
    [InlineData("")]
    public async Task PartyThatNoTagMakes_IsNotWritten(string party) =>
        Assert.Null(await CookieAsync(new BrowserSourceOptions { Name = "one", HasServerPartyCookie = true }, party, "Sec-Fetch-Site: same-origin\r\n"));

    [Fact]
    public async Task VeryLongParty_IsNotWritten() =>
        Assert.Null(await CookieAsync(
            new BrowserSourceOptions { Name = "one", HasServerPartyCookie = true }, "0:1:" + new string('a', 200), "Sec-Fetch-Site: same-origin\r\n"));

    [Fact]
    public async Task WithoutTheKey_NoCookieIsWritten() =>
        Assert.Null(await CookieAsync(new BrowserSourceOptions { Name = "one" }, Party, "Sec-Fetch-Site: same-origin\r\n"));

    private static async Task<string?> CookieAsync(BrowserSourceOptions source, string party, string headers, string host = "localhost")
    {
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Sources = [source] });
        var answer = await frontend.SendAsync(
            $"GET /csc-event?p={party}&s=0%3A1%3As&v=v&e=e&c=1&n=f&f=f HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");

        Assert.Equal(200, answer.Status);
        return answer.Header("Set-Cookie");
    }
}
