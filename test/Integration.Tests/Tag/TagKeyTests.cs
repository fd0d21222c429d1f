using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>What keys of our own make the tag do, in a real browser.</summary>
[Trait("Needs", "Chromium")]
[Trait("Duration", "Long")]
public sealed class TagKeyTests
{
    private const string Open = """{"open":"http://www.shop.test/basic.html"}""";

    [Fact]
    public async Task SinglePageViews_StartWithEachPathAndQuery()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.single_page_views":true}""",
            "",
            $$"""
            [{{Open}},
             {"eval":"history.pushState(null, '', '/two'); history.pushState(null, '', '/two#part'); history.replaceState(null, '', '/two?q=1');"},
             {"eval":"history.back(); await new Promise(function (done) { setTimeout(done, 100); }); history.back();"}]
            """,
            0, 1, 1, 2, 2));

        Assert.Equal(["basic.html", "two", "two%3Fq%3D1", "two", "basic.html"], TagOutcome.Values(outcome, "l").Select(location => location.Split("%2F")[^1]));
        Assert.All(TagOutcome.Values(outcome, "t"), type => Assert.Equal("pageView", type));
        Assert.Equal(5, TagOutcome.Values(outcome, "v").Distinct().Count());
    }

    [Theory]
    [InlineData("globalPrivacyControl", "true")]
    [InlineData("doNotTrack", "'1'")]
    public async Task PrivacySignal_StopsEventsAndCookies(string name, string value)
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.privacy_signals":true}""",
            $"Object.defineProperty(Navigator.prototype, '{name}', {{ configurable: true, get: function () {{ return {value}; }} }});",
            $$"""[{{Open}}, {"eval":"return [typeof divolte.whenCommitted, divolte.signal('a')];"}]"""));

        Assert.Empty(outcome.GetProperty("beacons").EnumerateArray());
        Assert.Empty(outcome.GetProperty("cookies").EnumerateArray());
        Assert.Equal("""["function",null]""", outcome.GetProperty("results")[0].GetProperty("result").GetRawText());
    }

    [Fact]
    public async Task NoPrivacySignal_ChangesNothing() =>
        Assert.Equal(["pageView"], TagOutcome.Values(await TagStage.PlayOneAsync(TagScenario.Of("""{"javascript.privacy_signals":true}""", "", $"[{Open}]", 0)), "t"));

    [Fact]
    public async Task Cookieless_IsANewPartyEachTime()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of("""{"javascript.cookieless":true}""", "", $$"""[{{Open}}, {"reload":true,"leaves":true}]""", 0, 1));

        Assert.Equal(2, TagOutcome.Values(outcome, "p").Distinct().Count());
        Assert.Equal(["t", "t"], TagOutcome.Values(outcome, "n"));
        Assert.Empty(outcome.GetProperty("cookie_writes").EnumerateArray());
    }
}
