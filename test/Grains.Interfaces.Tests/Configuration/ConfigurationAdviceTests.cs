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
    [InlineData("acks = 1", "acks = 1 (used instead: all)")]
    [InlineData("acks = \"0\"", "acks = 0 (used instead: all)")]
    [InlineData("retries = 0", "retries = 0 (used instead: 2147483647)")]
    [InlineData("retries = 5", "retries = 5 (used instead: 2147483647)")]
    [InlineData("enable.idempotence = false", "enable.idempotence = false (used instead: true)")]
    [InlineData("max.in.flight.requests.per.connection = 10", "max.in.flight.requests.per.connection = 10 (used instead: 5)")]
    [InlineData("delivery.timeout.ms = 30000", "delivery.timeout.ms = 30000 (used instead: no limit")]
    [InlineData("acks = 1, retries = 0", "acks = 1 (used instead: all), retries = 0 (used instead: 2147483647); a sink")]
    public void ProducerSettingThatMayLoseRecords_IsOverruledWithOneWarning(string producer, string found)
    {
        var warning = Assert.Single(Kafka(producer, "at_least_once"));

        Assert.Equal("divolte.global.kafka.producer", warning.Path);
        Assert.StartsWith($"overruled by the sinks 'k': {found}", warning.Message, StringComparison.Ordinal);
        Assert.Equal("String: 1", warning.Origin);
        Assert.Empty(Kafka(producer, "as_configured"));
        Assert.Single(Kafka(producer, "exactly_once"));
    }

    [Theory]
    [InlineData("key.serializer = org.example.Key", "key.serializer = org.example.Key (used instead: the party id as UTF-8)")]
    [InlineData("value.serializer = org.example.Value", "value.serializer = org.example.Value (used instead: the record as Avro)")]
    [InlineData("partitioner.class = org.example.Own", "partitioner.class = org.example.Own (used instead: ")]
    [InlineData("partitioner = consistent", "partitioner = consistent (used instead: ")]
    [InlineData("transactional.id = mine", "transactional.id = mine (used instead: ")]
    public void ProducerSettingThatIsReplaced_IsAWarningWhateverTheDelivery(string producer, string found)
    {
        foreach (var delivery in new[] { "at_least_once", "exactly_once", "as_configured" })
            Assert.Contains(found, Assert.Single(Kafka(producer, delivery)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OverruledProducerSettings_AreOneWarningForAllSinks()
    {
        var result = ConfigurationLoader.LoadText("""
            divolte {
              global { hdfs.enabled = false, kafka { enabled = true, producer {
                acks = 1
                retries = ${?RETRIES}
                key.serializer = "org.example.Key"
              } } }
              sinks { a { type = kafka }, b { type = kafka, delivery = exactly_once }, c { type = kafka, delivery = as_configured } }
            }
            """, new Dictionary<string, string> { ["RETRIES"] = "3" });

        var warning = Assert.Single(result.Warnings);

        Assert.StartsWith("overruled by the sinks 'a', 'b', 'c': acks = 1 (", warning.Message, StringComparison.Ordinal);
        Assert.Contains("retries = 3 (used instead: 2147483647)", warning.Message, StringComparison.Ordinal);
        Assert.Contains("key.serializer = org.example.Key (", warning.Message, StringComparison.Ordinal);
        Assert.Contains("as_configured keeps acks, retries, and", warning.Message, StringComparison.Ordinal);
        Assert.Contains("String: 3", warning.Origin, StringComparison.Ordinal);
        Assert.Contains("environment variable RETRIES", warning.Origin, StringComparison.Ordinal);
        Assert.Equal(1, warning.Message.Split("acks = 1").Length - 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("acks = all")]
    [InlineData("acks = -1, retries = 2147483647, enable.idempotence = TRUE, max.in.flight.requests.per.connection = 3")]
    [InlineData("partitioner.class = org.apache.kafka.clients.producer.internals.DefaultPartitioner")]
    public void BuiltInOrStrongProducerSetting_IsNoNews(string producer) => Assert.Empty(Kafka(producer, "at_least_once"));

    /// <summary>Single quotes mean nothing in this format: existing files that have them get what the collector made of them.</summary>
    [Theory]
    [InlineData("'.example.com'", true)]
    [InlineData("''", true)]
    [InlineData("\".example.com\"", false)]
    [InlineData(".example.com", false)]
    [InlineData("\"\"", false)]
    public void QuotesInACookieDomain_AreKeptAndAWarning(string written, bool isWarning)
    {
        var result = ConfigurationLoader.LoadText($"divolte {{ sources.b {{ type = browser, cookie_domain = {written} }} }}");

        Assert.Equal(written.Trim('"'), Assert.IsType<BrowserSourceOptions>(result.Configuration.Sources[0]).CookieDomain);
        Assert.Equal(isWarning, result.Warnings.Any(warning => warning.Path == "divolte.sources.b.cookie_domain"));
    }

    [Fact]
    public void MappingWithoutScript_UsesTheBuiltInSchema() =>
        Assert.Null(ConfigurationLoader.LoadText("divolte.mappings.m { sources = [browser], sinks = [hdfs], schema_file = x.avsc }").Configuration.Mappings[0].SchemaFile);

    private static IReadOnlyList<ConfigurationWarning> Kafka(string producer, string delivery) => ConfigurationLoader.LoadText(
        $"divolte {{ global.kafka {{ enabled = true, producer {{ {producer} }} }}, sinks.k {{ type = kafka, delivery = {delivery} }} }}").Warnings;
}
