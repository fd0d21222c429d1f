namespace Divolte.Integration.Tests.Tag;

/// <summary>What is in the tag by key only, and sends, stores or waits: in a real browser against the whole program.</summary>
[Trait("Needs", "Chromium")]
[Trait("Duration", "Long")]
public sealed class TagFeatureTests
{
    private const string Open = """{"open":"http://www.shop.test/basic.html"}""";

    /// <summary>The page can take the network away by <c>window.isOnline = false</c>.</summary>
    private const string Network =
        "window.isOnline = true; Object.defineProperty(Navigator.prototype, 'onLine', { configurable: true, get: function () { return window.isOnline; } });";

    [Fact]
    public async Task FailedEvent_IsAskedForAgainWithinItsBound()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.retries":2}""",
            "",
            $$"""[{{Open}}, {"eval":"divolte.signal('b');","wait":5000}]""",
            0, 1, 1, 1).With("""
                "server":{"event":[{"status":503},{}, {"status":503},{"status":503},{"status":503}]}
                """));

        // The page view fails three times, the event behind it goes its way: first request, b, and two repetitions after 1 and 2 seconds.
        Assert.Equal(["pageView", "b", "pageView", "pageView"], TagOutcome.Values(outcome, "t"));
        Assert.Equal(2, TagOutcome.Values(outcome, "e").Distinct().Count());
    }

    [Fact]
    public async Task EventThatWaitsForItsNextTry_IsAskedForWhenThePageGoes()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.retries":5}""",
            "",
            $$"""[{{Open}}, {"open":"http://www.shop.test/plain.html"}]""",
            0, 1).With("\"server\":{\"event\":[{\"status\":503},{}]}"));

        Assert.Equal(["pageView", "pageView"], TagOutcome.Values(outcome, "t"));
    }

    [Theory]
    [InlineData(TagEngine.Chromium)]
    [InlineData(TagEngine.Firefox)]
    internal async Task EventsWithoutANetwork_AreSentOnceWhenItIsBack(TagEngine engine)
    {
        var outcome = await TagStage.PlayOneAsync(
            TagScenario.Of(
                """{"javascript.offline_events":2}""",
                Network,
                $$"""
                [{{Open}},
                 {"eval":"isOnline = false; divolte.signal('lost'); divolte.signal('a'); divolte.signal('b'); return JSON.parse(localStorage['_dvp.waiting']).length;"},
                 {"eval":"isOnline = true; divolte.signal('c');"},
                 {"eval":"return [localStorage.length, divolte.signal('d').length > 0];"}]
                """,
                0, 2, 2, 2, 3),
            engine);

        Assert.Equal(["pageView", "c", "a", "b", "d"], TagOutcome.Values(outcome, "t"));
        Assert.Equal("2", outcome.GetProperty("results")[0].GetProperty("result").GetRawText());
        Assert.Equal("[0,true]", TagOutcome.LastResult(outcome));
        Assert.All(outcome.GetProperty("beacons").EnumerateArray(), beacon => Assert.True(beacon.GetProperty("checksum_right").GetBoolean()));
    }

    [Fact]
    public async Task FailedEvent_IsKeptAndSentByTheNextPage()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.offline_events":10}""",
            "",
            $$"""[{{Open}}, {"open":"http://www.shop.test/second.html"}]""",
            0, 1, 1).With("\"server\":{\"event\":[{\"status\":503},{}]}"));

        var events = TagOutcome.Values(outcome, "e");
        Assert.Equal([events[0], events[1], events[0]], events);
    }

    [Fact]
    public async Task FailedEvent_IsNotSentWhenTheServerWouldNotRecogniseIt()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.offline_events":10}""",
            "",
            $$"""
            [{{Open}},
             {"eval":"var kept = JSON.parse(localStorage['_dvp.waiting']); kept[0][1] -= 9 * 60000 + 1000; localStorage['_dvp.waiting'] = JSON.stringify(kept);"},
             {"eval":"divolte.signal('a');"}, {"eval":"return localStorage.length;"}]
            """,
            0, 2).With("\"server\":{\"event\":[{\"status\":503},{}]}"));

        Assert.Equal(["pageView", "a"], TagOutcome.Values(outcome, "t"));
        Assert.Equal("0", TagOutcome.LastResult(outcome));
    }

    [Fact]
    public async Task BlockedStorage_LosesNothingElse()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.offline_events":10}""",
            Network + "Object.defineProperty(window, 'localStorage', { get: function () { throw new Error('blocked'); } });",
            $$"""[{{Open}}, {"eval":"isOnline = false; divolte.signal('a'); isOnline = true; divolte.signal('b');"}]""",
            0, 1));

        Assert.Equal(["pageView", "b"], TagOutcome.Values(outcome, "t"));
        Assert.Empty(outcome.GetProperty("page_errors").EnumerateArray());
    }

    [Theory]
    [InlineData(TagEngine.Chromium)]
    [InlineData(TagEngine.Firefox)]
    internal async Task BeforeConsent_NothingIsSentOrStoredAndAfterItEverythingIs(TagEngine engine)
    {
        var outcome = await TagStage.PlayOneAsync(
            TagScenario.Of(
                """{"javascript.consent":true}""",
                "",
                $$"""
                [{{Open}},
                 {"eval":"window.ids = [divolte.signal('a', { n: 1 }), divolte.signal('b')]; return [document.cookie, divolte.partyId, divolte.isNewPartyId, ids[1].slice(-1)];"},
                 {"eval":"divolte.consent(true); return [ids.join(), divolte.partyId.length, divolte.isNewPartyId];"},
                 {"reload":true,"leaves":true},
                 {"eval":"divolte.consent(true); return divolte.isNewPartyId;"}]
                """,
                2, 2, 2, 4),
            engine);

        Assert.Equal(["pageView", "a", "b", "pageView"], TagOutcome.Values(outcome, "t"));
        Assert.Equal(["t", "f", "f", "f"], TagOutcome.Values(outcome, "n"));
        Assert.Single(TagOutcome.Values(outcome, "p").Distinct());
        Assert.Equal("""["","",false,"2"]""", outcome.GetProperty("results")[0].GetProperty("result").GetRawText());
        var afterConsent = outcome.GetProperty("results")[1].GetProperty("result");
        Assert.Equal(string.Join(',', TagOutcome.Values(outcome, "e").Skip(1).Take(2)), afterConsent[0].GetString());
        Assert.Equal("43,true", $"{afterConsent[1]},{afterConsent[2].GetRawText()}");
        Assert.Equal("false", TagOutcome.LastResult(outcome));
    }

    [Fact]
    public async Task RefusedConsent_DropsWhatWaitsAndForgetsTheVisitor()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.consent":true}""",
            "document.cookie = '_dvp=0:i1t84hgy:known; path=/';",
            $$"""[{{Open}}, {"eval":"divolte.signal('a'); divolte.consent(false); return [divolte.signal('b'), document.cookie];"}]"""));

        Assert.Empty(outcome.GetProperty("beacons").EnumerateArray());
        Assert.Equal("""[null,""]""", TagOutcome.LastResult(outcome));
    }

    [Fact]
    public async Task SignalsThatWaitForConsent_AreBounded()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.consent":true,"javascript.auto_page_view_event":false}""",
            "",
            $$"""[{{Open}}, {"eval":"var none = 0; for (var i = 0; i < 150; i++) if (divolte.signal('a') === null) none++; return none;"}]"""));

        Assert.Equal("50", TagOutcome.LastResult(outcome));
    }

    [Fact]
    public async Task PartyCookie_IsRenewedByTheServerAndWrittenByTheTagOnlyWhenMissing()
    {
        const string Page = """{"open":"http://www.shop.test/same-origin-relative.html"}""";
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"server_party_cookie":true,"party_timeout":"3 days"}""",
            "",
            $$"""[{{Page}}, {{Page}}, {"clearCookies":true}, {"eval":"divolte.signal('a');"}]""",
            0, 1, 3));

        var writes = outcome.GetProperty("cookie_writes").EnumerateArray().Select(write => write.GetString()![..4]);
        Assert.Equal(["_dvs", "_dvp", "_dvs", "_dvs", "_dvp"], writes);
        Assert.Single(TagOutcome.Values(outcome, "p").Distinct());
        var party = outcome.GetProperty("cookies").EnumerateArray().Single(cookie => cookie.GetProperty("name").GetString() == "_dvp");
        Assert.Equal(3 * 86400, party.GetProperty("lifetime_seconds").GetInt32());
    }

    [Fact]
    public async Task ClientHints_AreInEveryEventFromTheFirst()
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            """{"javascript.client_hints":true}""",
            "",
            $$"""[{{Open}}, {"eval":"divolte.signal('a'); return await new Promise(function (done) { divolte.whenCommitted(function () { done('committed'); }); });"}]""",
            0, 1).With("\"secure\":true"));

        Assert.Equal(["pageView", "a"], TagOutcome.Values(outcome, "t"));
        Assert.All(TagOutcome.Values(outcome, "sec-ch-ua-full-version-list"), list => Assert.Contains("%22Chromium%22%3Bv%3D%22", list, StringComparison.Ordinal));
        Assert.All(outcome.GetProperty("beacons").EnumerateArray(), beacon => Assert.True(beacon.GetProperty("checksum_right").GetBoolean()));
        Assert.Equal("\"committed\"", TagOutcome.LastResult(outcome));
    }

    [Theory]
    [InlineData("false", "false")]
    [InlineData("true", "false")]
    [InlineData("false", "true")]
    [InlineData("true", "true")]
    public async Task AllKeysTogether_GiveGoodEvents(string logging, string debug)
    {
        var outcome = await TagStage.PlayOneAsync(TagScenario.Of(
            $$"""
            {"javascript.logging":{{logging}},"javascript.debug":{{debug}},"javascript.consent":true,"javascript.client_hints":true,"javascript.retries":2,
             "javascript.offline_events":5,"javascript.privacy_signals":true,"javascript.single_page_views":true,"server_party_cookie":true}
            """,
            "",
            $$"""[{{Open}}, {"eval":"divolte.signal('a'); history.pushState(null, '', '/two'); divolte.consent(true);"}]""",
            1, 1, 1).With("\"secure\":true"));

        Assert.Equal(["pageView", "a", "pageView"], TagOutcome.Values(outcome, "t"));
        Assert.All(outcome.GetProperty("beacons").EnumerateArray(), beacon => Assert.True(beacon.GetProperty("checksum_right").GetBoolean()));
        Assert.Empty(outcome.GetProperty("page_errors").EnumerateArray());
    }
}
