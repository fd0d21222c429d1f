using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Binding;

public class HoconFlatteningTests
{
    [Theory]
    [InlineData("""bootstrap.servers = ["a:1", "b:2"]""", "bootstrap.servers", "a:1,b:2")]
    [InlineData("""bootstrap { servers = "a:1,b:2" }""", "bootstrap.servers", "a:1,b:2")]
    [InlineData("bootstrap.servers { 0 = x, 1 = y }", "bootstrap.servers", "x,y")]
    [InlineData("bootstrap.servers = []", "bootstrap.servers", "")]
    [InlineData("\"sasl.jaas.config\" = \"\"", "sasl.jaas.config", "")]
    [InlineData("retries = 2147483647", "retries", "2147483647")]
    [InlineData("retries = 5.0", "retries", "5")]
    [InlineData("linger.ms = 1e3", "linger.ms", "1000")]
    [InlineData("ratio = 0.25", "ratio", "0.25")]
    [InlineData("enable.idempotence = true", "enable.idempotence", "true")]
    [InlineData("mixed = [1, true, x]", "mixed", "1,true,x")]
    public void NestedValues_BecomeDottedTexts(string block, string name, string value) =>
        Assert.Equal(value, ConfigurationLoader.LoadText($"divolte.global.kafka.producer {{ {block} }}").Configuration.Global.Kafka.Producer[name]);

    [Fact]
    public void UsersBlock_MergesOverTheBuiltInOne()
    {
        var producer = ConfigurationLoader.LoadText(
            "divolte.global.kafka.producer { acks = all, group.id = x }",
            new Dictionary<string, string> { ["DIVOLTE_KAFKA_BROKER_LIST"] = "k1:9092,k2:9092", ["DIVOLTE_KAFKA_CLIENT_ID"] = "me" }).Configuration.Global.Kafka.Producer;

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["bootstrap.servers"] = "k1:9092,k2:9092", ["client.id"] = "me", ["acks"] = "all", ["retries"] = "0", ["compression.type"] = "lz4",
                ["max.in.flight.requests.per.connection"] = "1", ["group.id"] = "x",
            },
            producer);
    }

    [Theory]
    [InlineData("acks = null", "divolte.global.kafka.producer.acks")]
    [InlineData("a { b = [{ c = 1 }] }", "divolte.global.kafka.producer.a.b")]
    [InlineData("a = [[1]]", "divolte.global.kafka.producer.a")]
    [InlineData("a = [1, null]", "divolte.global.kafka.producer.a")]
    public void ValuesWithoutAFlatForm_AreErrors(string block, string path) =>
        Assert.Equal(path, Assert.Single(ConfigurationLoader.LoadText($"divolte.global.kafka.producer {{ {block} }}").Violations).Path);

    [Theory]
    [InlineData("divolte.global.kafka.producer = x")]
    [InlineData("divolte.global.hdfs.client = [1]")]
    public void BlockThatIsNoObject_IsAnError(string text) =>
        Assert.Contains("Expected an object", Assert.Single(ConfigurationLoader.LoadText(text).Violations).Message, StringComparison.Ordinal);

    [Fact]
    public void EmptyClientBlock_IsPresent()
    {
        Assert.Empty(ConfigurationLoader.LoadText("divolte.global.hdfs.client {}").Configuration.Global.Hdfs.Client!);
        Assert.Equal("hdfs://x", ConfigurationLoader.LoadText("divolte.global.hdfs.client.fs.defaultFS = \"hdfs://x\"").Configuration.Global.Hdfs.Client!["fs.defaultFS"]);
    }
}
