using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Binding;

public class HoconBinderTests
{
    [Theory]
    [InlineData("divolte.global.server.prot = 1", "divolte.global.server.prot", "'port'")]
    [InlineData("divolte.global.server.usexforwardedfor = 1", "divolte.global.server.usexforwardedfor", "'use_x_forwarded_for'")]
    [InlineData("divolte.sources.b { type = browser, sessionTimeout = 1 s }", "divolte.sources.b.sessionTimeout", "'session_timeout'")]
    [InlineData("divolte.mappings.m { sources = [browser], sinks = [hdfs], shema_file = x }", "divolte.mappings.m.shema_file", "'schema_file'")]
    [InlineData("divolte.sinks.h { type = hdfs, file_strategy.roll_evry = 1 s }", "divolte.sinks.h.file_strategy.roll_evry", "'roll_every'")]
    [InlineData("divolte.sink {}", "divolte.sink", "'sinks'")]
    [InlineData("divolte.server.port = 1", "divolte.server", "divolte.global.server")]
    [InlineData("divolte.kafka_flusher {}", "divolte.kafka_flusher", "divolte.sinks.NAME")]
    public void UnknownKey_NamesWhatMayHaveBeenMeant(string text, string path, string hint)
    {
        var violation = ConfigurationLoader.LoadText(text).Violations[0];

        Assert.Equal(path, violation.Path);
        Assert.Contains(hint, violation.Message, StringComparison.Ordinal);
        Assert.NotEmpty(violation.AvailableProperties);
    }

    [Fact]
    public void UnknownKey_UnlikeAnyOther_IsNotGuessed() =>
        Assert.Equal("Unknown setting 'colour'", Assert.Single(ConfigurationLoader.LoadText("divolte.global.server.colour = red").Violations).Message);

    [Fact]
    public void KeysOutsideDivolte_AreIgnored() => Assert.True(ConfigurationLoader.LoadText("akka.x = 1, divolte2 { server { port = x } }").IsValid);

    [Fact]
    public void Frame_IsUpstreamsWithLocationPathAndAvailableProperties()
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText("\n\ndivolte.global.gcps.project-id = x").Violations);

        Assert.Equal(
            "Unknown setting 'project-id' (did you mean 'project_id'?).\n\tLocation: String: 3\n\tConfiguration path to error: \"global.gcps.project-id\""
            + "\n\tAvailable properties: \"project_id\", \"enabled\", \"threads\", \"buffer_size\"",
            violation.ToString());
    }

    [Theory]
    [InlineData("divolte.sources.x { prefix = / }", "divolte.sources.x", "Missing property 'type', which must be one of: browser, json")]
    [InlineData("divolte.sources.x { type = null }", "divolte.sources.x", "Missing property 'type', which must be one of: browser, json")]
    [InlineData("divolte.sources.x { type = Browser }", "divolte.sources.x.type", "Unknown type 'Browser', known types are: browser, json")]
    [InlineData("divolte.sinks.x { type = pubsub }", "divolte.sinks.x.type", "Unknown type 'pubsub', known types are: hdfs, gcs, kafka, gcps")]
    [InlineData("divolte.sinks.x { }", "divolte.sinks.x", "Missing property 'type', which must be one of: hdfs, gcs, kafka, gcps")]
    [InlineData("divolte.sinks.x { type = [kafka] }", "divolte.sinks.x.type", "Unknown type '[kafka]', known types are: hdfs, gcs, kafka, gcps")]
    [InlineData("divolte.sinks.x { type = gcs }", "divolte.sinks.x.bucket", "Missing property 'bucket'")]
    [InlineData("divolte.mappings.x { sinks = [hdfs] }", "divolte.mappings.x.sources", "Missing property 'sources'")]
    [InlineData("divolte.mappings.x { sources = [browser] }", "divolte.mappings.x.sinks", "Missing property 'sinks'")]
    [InlineData("divolte.sources = 5", "divolte.sources", "Expected an object, but found a number")]
    [InlineData("divolte.sinks = []", "divolte.sinks", "Expected an object, but found a list")]
    [InlineData("divolte.sources.x = y", "divolte.sources.x", "Expected an object, but found a string")]
    [InlineData("divolte.global = 5", "divolte.global", "Expected an object, but found a number")]
    [InlineData("divolte = 5", "divolte", "Expected an object, but found a number")]
    [InlineData("divolte = null", "divolte", "Expected an object, but found null")]
    public void MissingOrMisplacedParts_AreNamed(string text, string path, string message)
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText(text).Violations);

        Assert.Equal(path, violation.Path);
        Assert.Equal(message, violation.Message);
    }

    [Fact]
    public void OrderOfKeys_DoesNotMatter() =>
        Assert.Equal("/x/", Assert.IsType<BrowserSourceOptions>(ConfigurationLoader.LoadText("divolte.sources.b { prefix = /x, type = browser }").Configuration.Sources[0]).Prefix);

    [Fact]
    public void NamesWithDashesDotsAndDigits_AreKept()
    {
        var configuration = ConfigurationLoader.LoadText("""divolte.sources { my-source { type = json }, "a.b" { type = json }, 0 { type = json } }""").Configuration;

        Assert.Equal(["my-source", "a.b", "0"], configuration.Sources.Select(source => source.Name));
    }

    [Fact]
    public void AllMistakes_ComeAtOnceEachWithItsLine()
    {
        var result = ConfigurationLoader.LoadText("""
            divolte.global.server.port = 70000
            divolte.global.server.hots = x
            divolte.global.mapper.threads = 0
            divolte.sources.b { type = browser, party_timeout = 5 fortnights
              javascript.name = 404.exe }
            divolte.mappings.m { sources = [b, nobody], sinks = [hdfs] }
            """);

        Assert.Equal(
            ["String: 1", "String: 2", "String: 3", "String: 4", "String: 5", "String: 6"],
            result.Violations.Select(violation => violation.Origin).OrderBy(origin => origin ?? "~", StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("divolte.global.server.port = -1", "divolte.global.server.port", "must be from 0 to 65535")]
    [InlineData("divolte.global.server.port = 65536", "divolte.global.server.port", "must be from 0 to 65535")]
    [InlineData("divolte.global.mapper.threads = 0", "divolte.global.mapper.threads", "must be at least 1")]
    [InlineData("divolte.global.mapper.buffer_size = 0", "divolte.global.mapper.bufferSize", "must be at least 1")]
    [InlineData("divolte.global.mapper.duplicate_memory_size = -1", "divolte.global.mapper.duplicateMemorySize", "must be at least 1")]
    [InlineData("divolte.global.hdfs.threads = 0", "divolte.global.hdfs.threads", "must be at least 1")]
    [InlineData("divolte.global.kafka.buffer_size = 0", "divolte.global.kafka.bufferSize", "must be at least 1")]
    [InlineData("divolte.global.mapper.user_agent_parser.cache_size = -1", "divolte.global.mapper.userAgentParser.cacheSize", "must be at least 0")]
    [InlineData("divolte.sinks.\"a b\" { type = hdfs, file_strategy.roll_every = 0 s }", "divolte.sinks[a b].fileStrategy.rollEvery", "must be at least 1 millisecond")]
    public void ValueOutOfRange_IsARuleViolation(string text, string path, string message)
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText(text + "\ndivolte.mappings {}").Violations);

        Assert.Equal(ConfigurationViolationKind.Rule, violation.Kind);
        Assert.Equal(path, violation.Path);
        Assert.Equal(message, violation.Message);
    }

    [Fact]
    public void SecretInAMistake_IsNotPrinted()
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText("divolte.global.admin.token = [hunter2]").Violations);

        Assert.DoesNotContain("hunter2", violation.ToString() + violation.Found, StringComparison.Ordinal);
    }
}
