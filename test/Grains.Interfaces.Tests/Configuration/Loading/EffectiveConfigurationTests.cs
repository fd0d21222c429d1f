using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Loading;

public class EffectiveConfigurationTests
{
    private const string Everything = """
        divolte {
          global {
            server { host = 0.0.0.0, port = 0, shutdown_delay = 20 s }
            mapper { ip2geo_database = "/x y/db.mmdb", user_agent_parser.type = caching_and_updating }
            hdfs.client { fs.defaultFS = "hdfs://n:8020", a = 1, a-b.c = "q\"\\" }
            kafka { enabled = true, producer { bootstrap.servers = [a:1, "b:2"], acks = all, "x" = 1 } }
            gcps { enabled = true, project_id = p }
            grid { store = redis, redis = "r1:6379,r2:6379", duplicate_window = 90 s, spool { directory = s, maximum_size = 3 GB } }
          }
          sources { "a.b" { type = browser, cookie_domain = "", prefix = p, acknowledge = received }, j { type = json, maximum_body_size = -1 } }
          sinks {
            k { type = kafka, mode = confluent, delivery = exactly_once, dead_letters = "topic:d", on_full = reject, backlog_maximum = 1000000000 }
            h { type = hdfs, replication = 2, file_strategy { roll_every = 1500 ms } }
            g { type = gcs, bucket = b, retry_settings { jitter_factor = 0.1, retry_delay_multiplier = 1.7 } }
            p { type = gcps, batching_settings.delay_threshold = 2 ms }
          }
          mappings.m { sources = ["a.b", j], sinks = [k], schema_file = s, mapping_script_file = "m \u00e9", confluent_id = -7, discard_duplicates = true }
        }
        """;

    [Fact]
    public void RenderedText_ReadsBackToTheSameConfiguration()
    {
        var loaded = ConfigurationLoader.LoadText(Everything.Replace("[a:1, ", "[\"a:1\", ", StringComparison.Ordinal));
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Violations));

        var text = EffectiveConfiguration.Render(loaded.Configuration);
        var again = ConfigurationLoader.LoadText(text);

        Assert.True(again.IsValid, string.Join('\n', again.Violations) + text);
        Assert.Equal(text, EffectiveConfiguration.Render(again.Configuration));
        Assert.Equal(loaded.Configuration.Sources, again.Configuration.Sources);
        Assert.Equal(loaded.Configuration.Sinks, again.Configuration.Sinks);
        Assert.Equal(loaded.Configuration.Global.Grid, again.Configuration.Global.Grid);
        Assert.Equal(loaded.Configuration.Global.Hdfs.Client, again.Configuration.Global.Hdfs.Client);
        Assert.Equal(loaded.Configuration.Global.Kafka.Producer, again.Configuration.Global.Kafka.Producer);
    }

    [Fact]
    public void ImplicitConfiguration_IsShownWhole()
    {
        var text = EffectiveConfiguration.Render(ConfigurationLoader.LoadText("").Configuration);

        Assert.Contains("port = 8290", text, StringComparison.Ordinal);
        Assert.Contains("roll_every = 1 minute", text, StringComparison.Ordinal);
        Assert.Contains("publish_dir = \"data/files\"", text, StringComparison.Ordinal);
        Assert.Contains("backlog_maximum = 8 GiB", text, StringComparison.Ordinal);
        Assert.DoesNotContain("${", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("global.kafka.producer { sasl.jaas.config = \"org.Login required username=u password=hunter2;\" }")]
    [InlineData("global.kafka.producer { ssl.keystore.password = hunter2 }")]
    [InlineData("global.kafka.producer { ssl.key.password = hunter2 }")]
    [InlineData("global.kafka.producer { sasl.oauthbearer.client.secret = hunter2 }")]
    [InlineData("global.hdfs.client { fs.s3a.secret.key = hunter2 }")]
    [InlineData("global.admin.token = hunter2")]
    [InlineData("global.grid { store = redis, redis = \"r1:6379,password=hunter2,ssl=true\" }")]
    [InlineData("global.grid { store = redis, redis = \"redis://me:hunter2@r1:6379\" }")]
    [InlineData("global.grid { store = redis, redis = \"r1:6379, Password = hunter2\" }")]
    [InlineData("global.kafka { enabled = true, producer.basic.auth.user.info = \"key:hunter2\" }")]
    public void Secrets_AreMasked(string divolte)
    {
        var text = EffectiveConfiguration.Render(ConfigurationLoader.LoadText($"divolte {{ {divolte} }}").Configuration);

        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains("***", text, StringComparison.Ordinal);
    }

    [Fact]
    public void RedisHosts_StayReadable() =>
        Assert.Contains(
            "redis = \"r1:6379,password=***,ssl=true\"",
            EffectiveConfiguration.Render(ConfigurationLoader.LoadText("divolte.global.grid { store = redis, redis = \"r1:6379,password=x,ssl=true\" }").Configuration),
            StringComparison.Ordinal);

    [Fact]
    public void BuiltInDefaults_AskTheEnvironmentAfterEachDefault() =>
        Assert.Contains("port = 8290\n      port = ${?DIVOLTE_PORT}\n", BuiltInDefaults.Text, StringComparison.Ordinal);

    [Fact]
    public void OptionsWithoutAFile_EqualNewRecords()
    {
        var global = ConfigurationLoader.LoadText("").Configuration.Global;

        Assert.Equal(new ServerOptions(), global.Server);
        Assert.Equal(new MapperOptions(), global.Mapper);
        Assert.Equal(new GridOptions(), global.Grid);
        Assert.Equal(new AdminOptions(), global.Admin);
        Assert.Equal(new HdfsOptions(), global.Hdfs);
        Assert.Equal(new KafkaOptions().Producer, global.Kafka.Producer);
    }
}
