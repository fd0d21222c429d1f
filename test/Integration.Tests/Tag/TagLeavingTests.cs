namespace Divolte.Integration.Tests.Tag;

/// <summary>Events that wait while the page goes away: all arrive, none twice, and no policy that allowed images loses them.</summary>
[Trait("Needs", "Chromium")]
[Trait("Duration", "Long")]
public sealed class TagLeavingTests
{
    private const string Signals = """{"eval":"for (var i = 0; i < 5; i++) divolte.signal('n', i);","nowait":true}""";
    private const string Slow = "\"server\":{\"event\":{\"delay\":400}}";

    private const string ImagesOnly =
        "\"pageHeaders\":{\"content-security-policy\":\"default-src 'none'; script-src http://collector.test 'unsafe-eval'; img-src http://collector.test\"}";

    [Theory]
    [InlineData(TagEngine.Chromium)]
    [InlineData(TagEngine.Firefox)]
    internal async Task WaitingEvents_OutliveThePage(TagEngine engine)
    {
        var scenario = Leaving("""{"open":"http://www.shop.test/plain.html"}""").With(Slow);

        Assert.Equal(["image", "image", "other", "other", "other", "other"], await KindsOfSixAsync(scenario, engine));
    }

    [Theory]
    [InlineData(TagEngine.Chromium)]
    [InlineData(TagEngine.Firefox)]
    internal async Task WaitingEvents_AreImagesWherePolicyRefusesOthers(TagEngine engine)
    {
        var scenario = Leaving("""{"open":"http://www.shop.test/plain.html"}""").With(Slow).With(ImagesOnly);

        Assert.All(await KindsOfSixAsync(scenario, engine), kind => Assert.Equal("image", kind));
    }

    [Theory]
    [InlineData(TagEngine.Chromium)]
    [InlineData(TagEngine.Firefox)]
    internal async Task WaitingEvents_OutliveAClosedTab(TagEngine engine)
    {
        var scenario = TagScenario.Of(
            "{}",
            "",
            $$"""[{"open":"http://www.shop.test/plain.html"}, {"newTab":"http://www.shop.test/basic.html"}, {{Signals}}, {"closeTab":true}]""",
            1, 2, 3, 3, 3, 3).With(Slow);

        Assert.Equal(["image", "image", "other", "other", "other", "other"], await KindsOfSixAsync(scenario, engine));
    }

    [Fact]
    public async Task NothingWaiting_AsksNothing()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            "{}",
            "sessionStorage.fetches = 0; var own = window.fetch; window.fetch = function () { sessionStorage.fetches++; return own.apply(window, arguments); };",
            """[{"open":"http://www.shop.test/basic.html"}, {"open":"http://www.shop.test/plain.html"}, {"eval":"return sessionStorage.fetches;"}]""",
            0));

        Assert.Equal("0", outcome.GetProperty("results")[0].GetProperty("result").GetString());
    }

    private static TagScenario Leaving(string step) =>
        TagScenario.Of("{}", "", $$"""[{"open":"http://www.shop.test/basic.html"}, {{Signals}}, {{step}}]""", 0, 1, 2, 2, 2, 2);

    private static async Task<IReadOnlyList<string>> KindsOfSixAsync(TagScenario scenario, TagEngine engine)
    {
        var outcome = await TagStage.PlayOneAsync(scenario, engine);

        Assert.Equal(6, outcome.GetProperty("beacon_count").GetInt32());
        Assert.Equal(6, TagOutcome.Values(outcome, "e").Distinct().Count());
        return [.. outcome.GetProperty("beacons").EnumerateArray().Select(beacon => beacon.GetProperty("kind").GetString()!)];
    }
}
