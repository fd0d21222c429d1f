using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Loading;

public class ConfigurationLoaderTests
{
    [Fact]
    public void NoFile_GivesTheImplicitObjects()
    {
        var configuration = ConfigurationLoader.LoadText("").Configuration;

        var source = Assert.IsType<BrowserSourceOptions>(Assert.Single(configuration.Sources));
        Assert.Equal("browser", source.Name);
        Assert.Equal(["hdfs", "kafka", "gcps"], configuration.Sinks.Select(sink => sink.Name));
        Assert.Equal([true, false, false], configuration.Sinks.Select(configuration.IsEnabled));
        var mapping = Assert.Single(configuration.Mappings);
        Assert.Equal("default", mapping.Name);
        Assert.Equal(["browser"], mapping.Sources);
        Assert.Equal(["hdfs", "kafka", "gcps"], mapping.Sinks);
    }

    [Fact]
    public void CompleteSmallExample_IsReadAsWritten()
    {
        var result = ConfigurationLoader.LoadText("""
            divolte {
              global {
                server { host = 0.0.0.0, shutdown_delay = 20 seconds, shutdown_timeout = 5 s }
                hdfs.enabled = false
                kafka { enabled = true, producer.bootstrap.servers = ["k1:9092", "k2:9092"] }
              }
              sources { web { type = browser, prefix = /t }, app { type = json, event_path = /app } }
              sinks.events { type = kafka, topic = clicks, mode = confluent }
              mappings.main { sources = [web, app], sinks = [events], confluent_id = 17
                              schema_file = conf/Event.avsc, mapping_script_file = conf/map.groovy }
            }
            """);

        var configuration = result.Configuration;
        Assert.Equal("0.0.0.0", configuration.Global.Server.Host);
        Assert.Equal(TimeSpan.FromSeconds(20), configuration.Global.Server.ShutdownDelay);
        Assert.Equal(TimeSpan.FromSeconds(5), configuration.Global.Server.ShutdownTimeout);
        Assert.Equal("k1:9092,k2:9092", configuration.Global.Kafka.Producer["bootstrap.servers"]);
        Assert.Equal("divolte.collector", configuration.Global.Kafka.Producer["client.id"]);
        Assert.Equal("/t/", Assert.IsType<BrowserSourceOptions>(configuration.Sources[0]).Prefix);
        Assert.Equal("/app", Assert.IsType<JsonSourceOptions>(configuration.Sources[1]).EventPath);
        var sink = Assert.IsType<KafkaSinkOptions>(Assert.Single(configuration.Sinks));
        Assert.Equal(KafkaMode.Confluent, sink.Mode);
        Assert.Equal(17, Assert.Single(configuration.Mappings).ConfluentId);
        Assert.Empty(result.Warnings);
    }
}
