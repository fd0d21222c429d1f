using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration;

/// <summary>Rules of our own; those of upstream are in <see cref="Loading.ValidatedConfigurationTests"/>.</summary>
public class ConfigurationRulesTests
{
    [Theory]
    [InlineData("global.grid.store = redis", "divolte.global.grid.redis")]
    [InlineData("global.grid { shards = 2, queues = 3 }", "divolte.global.grid.queues")]
    [InlineData("sinks.h { type = hdfs, dead_letters = \"topic:x\" }, mappings {}", "divolte.sinks[h].deadLetters")]
    [InlineData("mappings.m { sources = [browser], sinks = [hdfs], schema_file = \"\" }", "divolte.mappings[m].schemaFile")]
    [InlineData("mappings.m { sources = [browser], sinks = [hdfs], mapping_script_file = \"\" }", "divolte.mappings[m].mappingScriptFile")]
    [InlineData("global.kafka.enabled = true, sinks.k { type = kafka, topic = \"a b\" }", "divolte.sinks[k].topic")]
    [InlineData("global.kafka.enabled = true, sinks.k { type = kafka, topic = \"\" }", "divolte.sinks[k].topic")]
    [InlineData("global.grid.shards = 0", "divolte.global.grid.shards")]
    [InlineData("global.grid.shards = 65536", "divolte.global.grid.shards")]
    [InlineData("global.grid.answer_timeout = 0 s", "divolte.global.grid.answerTimeout")]
    [InlineData("sources.b { type = browser, cookie_same_site = none }", "divolte.sources[b].cookieSameSite")]
    [InlineData("sources.b { type = browser, server_party_cookie = true, javascript.cookieless = true }", "divolte.sources[b].serverPartyCookie")]
    [InlineData("sources.b { type = browser, javascript { offline_events = 5, cookieless = true } }", "divolte.sources[b].javascript.offlineEvents")]
    [InlineData("sources.b { type = browser, javascript.retries = 7 }", "divolte.sources[b].javascript.retries")]
    [InlineData("global.admin.port = 65536", "divolte.global.admin.port")]
    [InlineData("sinks.h { type = hdfs, backlog_maximum = 1 K }, mappings {}", "divolte.sinks[h].backlogMaximum")]
    public void BrokenRule_NamesItsSetting(string divolte, string path) =>
        Assert.Equal(path, Assert.Single(ConfigurationLoader.LoadText($"divolte {{ {divolte} }}").Violations).Path);

    [Theory]
    [InlineData("sources {}, sinks {}, mappings {}")]
    [InlineData("sources { a { type = json } }, sinks { b { type = kafka } }, mappings {}")]
    [InlineData("mappings.m { sources = [], sinks = [] }")]
    [InlineData("mappings.m { sources = [browser], sinks = [hdfs], confluent_id = 5 }")]
    [InlineData("mappings.m { sources = [browser], sinks = [kafka] }")]
    [InlineData("global.server.port = 0")]
    [InlineData("sources.j { type = json, maximum_body_size = -5000 }")]
    [InlineData("sources.b { type = browser, party_timeout = -5 s }")]
    [InlineData("sinks.k { type = kafka, topic = \"a b\" }")]
    [InlineData("sinks.k { type = kafka, dead_letters = \"topic:x\" }, mappings {}")]
    public void WhatUpstreamAllows_IsAllowed(string divolte)
    {
        var result = ConfigurationLoader.LoadText($"divolte {{ {divolte} }}");

        Assert.True(result.IsValid, string.Join('\n', result.Violations));
    }

    [Fact]
    public void ImplicitObjects_AreIndependentOfEachOther()
    {
        var mappingsOnly = ConfigurationLoader.LoadText("divolte.mappings.m { sources = [browser], sinks = [hdfs, kafka, gcps] }").Configuration;
        var sourcesOnly = ConfigurationLoader.LoadText("divolte.sources { a { type = json }, b { type = browser } }").Configuration;
        var sinksOnly = ConfigurationLoader.LoadText("divolte.sinks.x { type = kafka }").Configuration;
        var none = ConfigurationLoader.LoadText("divolte { sinks {}, mappings {} }").Configuration;

        Assert.Equal(3, mappingsOnly.Sinks.Count);
        Assert.Equal(["a", "b"], sourcesOnly.Mappings[0].Sources);
        Assert.Equal(["x"], sinksOnly.Mappings[0].Sinks);
        Assert.Equal((1, 0, 0), (none.Sources.Count, none.Sinks.Count, none.Mappings.Count));
    }
}
