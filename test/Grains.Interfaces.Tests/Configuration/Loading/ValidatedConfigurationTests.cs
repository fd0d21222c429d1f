using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.Tests.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Loading;

/// <summary>What upstream's own tests of configurations and of cloud sinks assert.</summary>
public class ValidatedConfigurationTests
{
    [Fact]
    public void ConfigurationWithoutDefaults_SaysThatDivolteIsMissing()
    {
        var model = new ConfigurationModel(new HoconBinder(), new ConfigurationRequest(), new MemoryFiles());

        var error = Assert.Throws<HoconException>(() => model.Build(HoconReading.Resolve("")));

        Assert.Contains("No configuration setting found for key 'divolte'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InvalidScriptName_HasUpstreamsText()
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText("divolte.sources.browser { type = browser, javascript.name = 404.exe }").Violations);

        Assert.StartsWith(
            """Property 'divolte.sources[browser].javascript.name' must match "^[A-Za-z0-9_-]+\.js$". Found: '404.exe'.""",
            violation.ToString(),
            StringComparison.Ordinal);
        Assert.Equal("String: 1", violation.Origin);
    }

    [Theory]
    [InlineData("divolte.js", true)]
    [InlineData("a-b_C9.js", true)]
    [InlineData("\"\"", false)]
    [InlineData(".js", false)]
    [InlineData("a.js.gz", false)]
    [InlineData("\"a b.js\"", false)]
    [InlineData("\"a.js\\n\"", false)]
    [InlineData("dir/a.js", false)]
    public void ScriptName_IsAPlainFileName(string name, bool isValid) =>
        Assert.Equal(isValid, ConfigurationLoader.LoadText($"divolte.sources.browser {{ type = browser, javascript.name = {name} }}").IsValid);

    [Fact]
    public void ModelOfAnInvalidConfiguration_CannotBeUsed()
    {
        var result = ConfigurationLoader.LoadText("divolte.global.server.port = x");

        Assert.False(result.IsValid);
        Assert.False(result.TryGet(out _));
        Assert.Throws<InvalidOperationException>(() => result.Configuration);
    }

    [Fact]
    public void SyntaxError_IsTheOnlyErrorAndNamesOriginAndLine()
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText("not = //allowed").Violations);

        Assert.StartsWith("String: 1: expecting a value", violation.ToString(), StringComparison.Ordinal);
        Assert.Contains("end of file", violation.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void BuiltInDefaults_AreValid()
    {
        Assert.True(ConfigurationLoader.LoadText("").IsValid);
        Assert.True(ConfigurationLoader.LoadText(BuiltInDefaults.Text).IsValid);
        Assert.Empty(ConfigurationLoader.LoadText("").Warnings);
    }

    [Fact]
    public void MissingSourcesAndSinks_AreListedInOneViolation() =>
        Broken("mappings.m { sources = [missing-source], sinks = [missing-sink] }, sources {}, sinks {}", "[missing-sink, missing-source]");

    [Fact]
    public void NamesOfSourcesAndSinks_CannotCollide() => Broken(
        "sources { foo { type = browser }, bar { type = json }, free { type = json } }, sinks { bar { type = hdfs }, foo { type = kafka } }, mappings {}",
        "[foo, bar]");

    [Fact]
    public void SharedSink_WithTheSameSchema_IsAllowed()
    {
        Assert.True(Load("mappings { a { sources = [browser], sinks = [kafka], schema_file = x.avsc }, b { sources = [browser], sinks = [kafka], schema_file = x.avsc } }").IsValid);
        Assert.True(Load("""
            mappings {
              a { sources = [browser], sinks = [kafka], schema_file = x.avsc, mapping_script_file = a.groovy }
              b { sources = [browser], sinks = [kafka], schema_file = x.avsc, mapping_script_file = b.groovy }
            }
            """).IsValid);
    }

    [Theory]
    [InlineData("schema_file = x.avsc", "schema_file = y.avsc")]
    [InlineData("schema_file = x.avsc", "schema_file = ./x.avsc")]
    [InlineData("schema_file = x.avsc", "")]
    [InlineData("schema_file = x.avsc, mapping_script_file = m.groovy", "schema_file = x.avsc")]
    public void SharedSink_WithDifferentSchemas_IsNot(string one, string other) =>
        Broken($"mappings {{ a {{ sources = [browser], sinks = [kafka], {one} }}, b {{ sources = [browser], sinks = [kafka, hdfs], {other} }} }}", "[kafka]");

    [Fact]
    public void RuleAcrossObjects_NamesTheLinesThatBreakIt()
    {
        var violation = Assert.Single(ConfigurationLoader.LoadText("""
            divolte.mappings.a { sources = [browser], sinks = [kafka], schema_file = x.avsc, mapping_script_file = m }
            divolte.mappings.b { sources = [browser], sinks = [hdfs] }
            divolte.mappings.c { sources = [browser], sinks = [kafka], schema_file = y.avsc, mapping_script_file = m }
            """).Violations);

        Assert.Equal("String: 1, String: 3", violation.Origin);
    }

    [Fact]
    public void ConfluentSink_WithIdentifiers_IsValid() => Assert.True(Load(
        "sinks.k { type = kafka, mode = confluent }, mappings.m { sources = [browser], sinks = [k], confluent_id = 12345 }").IsValid);

    [Fact]
    public void Identifiers_AreAllowedOnNakedSinks() => Assert.True(Load("""
        mappings {
          a { sources = [browser], sinks = [kafka], confluent_id = 1 }
          b { sources = [browser], sinks = [hdfs], confluent_id = 2, schema_file = x.avsc, mapping_script_file = m.groovy }
        }
        """).IsValid);

    [Fact]
    public void ConfluentSink_NeedsAnIdentifierFromEveryMapping()
    {
        Broken("sinks.k { type = kafka, mode = confluent }, mappings.test { sources = [browser], sinks = [k] }", "[test]");
        Broken(
            "sinks.k { type = kafka, mode = confluent }, mappings { test-1 { sources = [browser], sinks = [k], confluent_id = 1 }, test-2 { sources = [browser], sinks = [k] } }",
            "[test-2]");
    }

    [Theory]
    [InlineData("mode = confluent")]
    [InlineData("mode = naked")]
    public void MappingsOfOneSink_MustAgreeOnTheIdentifier(string mode) => Broken(
        $"sinks.kafka {{ type = kafka, {mode} }}, mappings {{ a {{ sources = [browser], sinks = [kafka], confluent_id = 1 }}, b {{ sources = [browser], sinks = [kafka], confluent_id = 2 }} }}",
        "[kafka]");

    [Fact]
    public void IdentifierOnOneOfTwoMappings_IsRefusedForNakedSinksToo() =>
        Broken("mappings { a { sources = [browser], sinks = [hdfs], confluent_id = 1 }, b { sources = [browser], sinks = [hdfs] } }", "[hdfs]");

    [Fact]
    public void SinkAsSourceAndReverse_AreRefused()
    {
        var violations = Load("mappings.m { sources = [hdfs], sinks = [browser] }").Violations;

        Assert.Equal(["divolte.mappings[m].sources", "divolte.mappings[m].sinks"], violations.Select(violation => violation.Path));
        Assert.Equal(["[hdfs]", "[browser]"], violations.Select(violation => violation.Found));
    }

    [Fact]
    public void ShutdownSettings_AreRead()
    {
        var server = Load("global.server { shutdown_delay = 2200 ms, shutdown_timeout = 3 minutes }").Configuration.Global.Server;

        Assert.Equal(TimeSpan.FromSeconds(2.2), server.ShutdownDelay);
        Assert.Equal(TimeSpan.FromMinutes(3), server.ShutdownTimeout);
    }

    [Fact]
    public void BothJitterSettings_AreRefusedUnderUpstreamsPath()
    {
        var violation = Assert.Single(Load("sinks.gcs { type = gcs, bucket = b, retry_settings { jitter_delay = 1 s, jitter_factor = 0.1 } }, mappings {}").Violations);

        Assert.Equal("divolte.sinks[gcs].retrySettings", violation.Path);
    }

    [Fact]
    public void JitterFactor_SuppressesTheDefaultJitterDelay()
    {
        Assert.Null(Gcs("jitter_factor = 0.1").EffectiveJitterDelay);
        Assert.Equal(TimeSpan.FromSeconds(1), Gcs("").EffectiveJitterDelay);
        Assert.Equal(TimeSpan.FromMilliseconds(10), Gcs("initial_retry_delay = 10 milliseconds").EffectiveJitterDelay);
    }

    [Fact]
    public void GcsRetrySettings_AreCarriedOver()
    {
        var retry = Gcs("max_attempts = 9, total_timeout = 138 s, initial_retry_delay = 19 s, retry_delay_multiplier = 2.2, max_retry_delay = 25 s, jitter_delay = 1925 ms");

        Assert.Equal(
            new GcsRetryOptions
            {
                MaximumAttempts = 9,
                TotalTimeout = TimeSpan.FromSeconds(138),
                InitialDelay = TimeSpan.FromSeconds(19),
                DelayMultiplier = 2.2,
                MaximumDelay = TimeSpan.FromSeconds(25),
                JitterDelay = TimeSpan.FromMilliseconds(1925),
            },
            retry);
    }

    [Theory]
    [InlineData("initial_retry_delay = 0 s", "initialRetryDelay")]
    [InlineData("max_retry_delay = 1 s", "maxRetryDelay")]
    [InlineData("retry_delay_multiplier = 1", "retryDelayMultiplier")]
    [InlineData("total_timeout = 1 s", "totalTimeout")]
    [InlineData("jitter_delay = 2 s", "jitterDelay")]
    [InlineData("jitter_delay = 0 s", "jitterDelay")]
    [InlineData("jitter_factor = 1.5", "jitterFactor")]
    public void GcsRetrySettings_OutsideTheLibrarysRules_AreRefusedForASinkInUse(string setting, string name)
    {
        var text = $"sinks.g {{ type = gcs, bucket = b, retry_settings {{ {setting} }} }}, mappings.m {{ sources = [browser], sinks = [g] }}";

        Assert.Contains(Load("global.gcs.enabled = true, " + text).Violations, violation => violation.Path == $"divolte.sinks[g].retrySettings.{name}");
        Assert.True(Load(text).IsValid);
    }

    [Fact]
    public void PubSubDefaults_AreUsable()
    {
        var sink = PubSub("");

        Assert.Equal(new PubSubRetryOptions(), sink.Retry);
        Assert.Equal(new PubSubBatchingOptions(), sink.Batching);
        Assert.Equal(TimeSpan.FromSeconds(15), sink.Retry.EffectiveMaximumCallTimeout);
    }

    [Fact]
    public void MaximumCallTimeout_FollowsTheInitialOne() =>
        Assert.Equal(TimeSpan.FromSeconds(7), PubSub("retry_settings.initial_rpc_timeout = 7 s").Retry.EffectiveMaximumCallTimeout);

    [Theory]
    [InlineData("retry_settings.total_timeout = 9 s", "retrySettings.totalTimeout")]
    [InlineData("retry_settings.initial_retry_delay = 2 minutes", "retrySettings.initialRetryDelay")]
    [InlineData("retry_settings.retry_delay_multiplier = 0.5", "retrySettings.retryDelayMultiplier")]
    [InlineData("retry_settings.max_rpc_timeout = 1 s", "retrySettings.initialRpcTimeout")]
    [InlineData("retry_settings.rpc_timeout_multiplier = 0", "retrySettings.rpcTimeoutMultiplier")]
    [InlineData("batching_settings.element_count_threshold = 0", "batchingSettings.elementCountThreshold")]
    [InlineData("batching_settings.request_bytes_threshold = 0", "batchingSettings.requestBytesThreshold")]
    [InlineData("batching_settings.delay_threshold = 0 s", "batchingSettings.delayThreshold")]
    public void PubSubSettings_OutsideTheLibrarysRules_AreRefusedForASinkInUse(string setting, string name)
    {
        var text = $"sinks.p {{ type = gcps, {setting} }}, mappings.m {{ sources = [browser], sinks = [p] }}";

        Assert.Contains(Load("global.gcps { enabled = true, project_id = x }, " + text).Violations, violation => violation.Path == $"divolte.sinks[p].{name}");
        Assert.True(Load(text).IsValid);
    }

    [Fact]
    public void EnabledPubSub_NeedsAProject()
    {
        var violation = Assert.Single(Load("global.gcps.enabled = true").Violations);

        Assert.Equal("divolte.global.gcps", violation.Path);
        Assert.Contains("Google Cloud project", violation.Message, StringComparison.Ordinal);
    }

    private static ConfigurationResult Load(string divolte) => ConfigurationLoader.LoadText($"divolte {{ {divolte} }}");

    private static void Broken(string divolte, string names)
    {
        var violation = Assert.Single(Load(divolte).Violations);
        Assert.Equal("divolte.", violation.Path);
        Assert.Equal(names, violation.Found);
        Assert.Contains(names, violation.Message, StringComparison.Ordinal);
    }

    private static GcsRetryOptions Gcs(string settings) =>
        Assert.IsType<GcsSinkOptions>(Load($"sinks.g {{ type = gcs, bucket = b, retry_settings {{ {settings} }} }}, mappings {{}}").Configuration.Sinks[0]).Retry;

    private static PubSubSinkOptions PubSub(string settings) =>
        Assert.IsType<PubSubSinkOptions>(Load($"sinks.p {{ type = gcps, {settings} }}, mappings {{}}").Configuration.Sinks[0]);
}
