using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration;

public class ConfigurationAdviceTests
{
    private const string All = "mappings.m { sources = [a, b], sinks = [hdfs] }";

    [Theory]
    [InlineData("sources { a { type = browser }, b { type = browser } }, " + All, "divolte.sources.b", "/divolte.js as the source 'a'")]
    [InlineData("sources { a { type = browser }, b { type = browser } }, " + All, "divolte.sources.b", "/csc-event as the source 'a'")]
    [InlineData("sources { a { type = browser }, b { type = json, event_path = csc-event } }, " + All, "divolte.sources.b", "/csc-event as the source 'a'")]
    [InlineData("sources { a { type = browser, prefix = x, event_suffix = divolte.js }, b { type = json } }, " + All, "divolte.sources.a", "script and events have the same address /x/divolte.js")]
    [InlineData("sources { a { type = json, event_path = /x }, b { type = json, event_path = \"//x/\" } }, " + All, "divolte.sources.b", "/x as the source 'a': only that one answers")]
    [InlineData("sources { a { type = json }, b { type = json, event_path = /ping } }, " + All, "divolte.sources.b", "/ping")]
    [InlineData("sources { a { type = browser } }, mappings {}", "divolte.sources.a", "no mapping takes its events")]
    [InlineData("mappings.m { sources = [], sinks = [hdfs] }, sources {}", "divolte.mappings.m.sources", "no source feeds")]
    [InlineData("mappings.m { sources = [browser], sinks = [] }", "divolte.mappings.m.sinks", "feeds no sink")]
    [InlineData("mappings.m { sources = [browser], sinks = [kafka, gcps] }", "divolte.mappings.m.sinks", "'kafka', 'gcps'")]
    [InlineData("mappings.m { sources = [browser], sinks = [hdfs], schema_file = x.avsc }", "divolte.mappings.m.schema_file", "built-in schema")]
    [InlineData("global.mapper.user_agent_parser.type = online_updating", "divolte.global.mapper.user_agent_parser.type", "built-in rules")]
    [InlineData("global.mapper.duplicate_memory_size = 5000000", "divolte.global.mapper.duplicate_memory_size", "4000000")]
    [InlineData("global.grid.redis = \"r:6379\"", "divolte.global.grid.redis", "store is local")]
    [InlineData("sources { a { type = browser, javascript.event_timeout = 400 ms } }, mappings.m { sources = [a], sinks = [hdfs] }", "divolte.sources.a.javascript.event_timeout", "500 milliseconds")]
    public void QuestionableSetting_IsAWarning(string divolte, string path, string message)
    {
        var result = ConfigurationLoader.LoadText($"divolte {{ {divolte} }}");

        Assert.True(result.IsValid, string.Join('\n', result.Violations));
        Assert.Contains(result.Warnings, warning => warning.Path == path && warning.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("global.hdfs.enabled = true", true)]
    [InlineData("global.hdfs.client.fs.defaultFS = \"file:///\"", true)]
    [InlineData("global.hdfs.client.fs.defaultFS = \"hdfs://n\"", false)]
    [InlineData("global.hdfs.enabled = false, mappings {}", false)]
    public void LocalFilesInAGrid_AreAWarning(string divolte, bool isExpected)
    {
        var warnings = ConfigurationLoader.LoadText($"divolte {{ global.grid {{ store = redis, redis = \"r:6379\" }}, {divolte} }}").Warnings;

        Assert.Equal(isExpected, warnings.Any(warning => warning.Path == "divolte.sinks.hdfs"));
    }

    [Fact]
    public void HostVariableWithoutEffect_IsAWarning()
    {
        var environment = new Dictionary<string, string> { ["DIVOLTE_HOST"] = "0.0.0.0" };

        Assert.Equal("divolte.global.server.host", Assert.Single(ConfigurationLoader.LoadText("", environment).Warnings).Path);
        Assert.Empty(ConfigurationLoader.LoadText("divolte.global.server.host = ${?DIVOLTE_HOST}", environment).Warnings);
        Assert.Null(ConfigurationLoader.LoadText("", environment).Configuration.Global.Server.Host);
    }

    [Theory]
    [InlineData("acks = 1", "acks = 1")]
    [InlineData("acks = \"0\"", "acks = 0")]
    [InlineData("retries = 0", "retries = 0")]
    [InlineData("enable.idempotence = false", "enable.idempotence = false")]
    [InlineData("acks = 1, retries = 0", "acks = 1, retries = 0")]
    public void WeakProducerSettingOfTheUser_IsRaisedWithOneWarning(string producer, string found)
    {
        var warning = Assert.Single(Kafka(producer, "at_least_once"));

        Assert.Equal("divolte.global.kafka.producer", warning.Path);
        Assert.StartsWith(found, warning.Message, StringComparison.Ordinal);
        Assert.Equal("String: 1", warning.Origin);
        Assert.Empty(Kafka(producer, "as_configured"));
        Assert.Single(Kafka(producer, "exactly_once"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("acks = all")]
    [InlineData("acks = -1, retries = 5")]
    public void BuiltInOrStrongProducerSetting_IsNoNews(string producer) => Assert.Empty(Kafka(producer, "at_least_once"));

    [Fact]
    public void MappingWithoutScript_UsesTheBuiltInSchema() =>
        Assert.Null(ConfigurationLoader.LoadText("divolte.mappings.m { sources = [browser], sinks = [hdfs], schema_file = x.avsc }").Configuration.Mappings[0].SchemaFile);

    private static IReadOnlyList<ConfigurationWarning> Kafka(string producer, string delivery) => ConfigurationLoader.LoadText(
        $"divolte {{ global.kafka {{ enabled = true, producer {{ {producer} }} }}, sinks.k {{ type = kafka, delivery = {delivery} }} }}").Warnings;
}
