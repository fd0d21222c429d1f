using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Sinks.Kafka;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Kafka;

public sealed class KafkaProducerSettingsTests
{
    [Fact]
    public void BuiltInProperties_AreRaisedWithoutAWord()
    {
        var settings = KafkaProducerSettings.From(new KafkaOptions().Producer, KafkaDelivery.AtLeastOnce);

        Assert.Equal("all", settings.Properties["acks"]);
        Assert.Equal("2147483647", settings.Properties["retries"]);
        Assert.Equal("true", settings.Properties["enable.idempotence"]);
        Assert.Equal("0", settings.Properties["message.timeout.ms"]); // for as long as the broker is away
        Assert.Equal("localhost:9092", settings.Properties["bootstrap.servers"]);
        Assert.Equal("lz4", settings.Properties["compression.type"]);
        Assert.Equal("1", settings.Properties["max.in.flight.requests.per.connection"]);
        Assert.Empty(settings.Warnings);
    }

    [Fact]
    public void AsConfigured_KeepsAcksAndRetries()
    {
        var settings = KafkaProducerSettings.From(new KafkaOptions().Producer, KafkaDelivery.AsConfigured);

        Assert.Equal("1", settings.Properties["acks"]);
        Assert.Equal("0", settings.Properties["retries"]);
        Assert.False(settings.Properties.ContainsKey("enable.idempotence"));
        Assert.Equal("120000", settings.Properties["message.timeout.ms"]); // Java's delivery.timeout.ms
        Assert.Empty(settings.Warnings);
    }

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce, null, "25")]
    [InlineData(KafkaDelivery.AtLeastOnce, "0", "0")]
    [InlineData(KafkaDelivery.ExactlyOnce, null, null)]
    [InlineData(KafkaDelivery.AsConfigured, null, null)]
    public void Records_WaitForCompanyWhereNothingElseIsSaid(KafkaDelivery delivery, string? given, string? expected)
    {
        var producer = given is null ? [] : new Dictionary<string, string> { ["linger.ms"] = given };

        Assert.Equal(expected, KafkaProducerSettings.From(producer, delivery).Properties.GetValueOrDefault("linger.ms"));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, 1000, "1000")]
    [InlineData("500", 1000, "500")]
    [InlineData("5000", 1000, "1000")]
    public void BatchLimit_OnlyLowers(string? given, int? limit, string? expected)
    {
        var settings = given is null ? From() : From(("batch.size", given));

        Assert.Equal(expected, settings.With(limit).GetValueOrDefault("batch.size"));
    }

    [Theory]
    [InlineData("7", "5")]
    [InlineData("3", "3")]
    [InlineData("many", "5")]
    public void RequestsInFlight_AreAtMostFive(string given, string expected) =>
        Assert.Equal(expected, From(("max.in.flight.requests.per.connection", given)).Properties["max.in.flight.requests.per.connection"]);

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    [InlineData(KafkaDelivery.AsConfigured)]
    public void Partitioner_IsJavasWhateverIsGiven(KafkaDelivery delivery)
    {
        var producer = new Dictionary<string, string> { ["partitioner.class"] = "org.example.Own", ["partitioner"] = "consistent" };

        Assert.Equal("murmur2_random", KafkaProducerSettings.From(producer, delivery).Properties["partitioner"]);
    }

    [Fact]
    public void SerializersAndTransactionalId_NeverReachTheClient()
    {
        var settings = From(("key.serializer", "org.example.Key"), ("value.serializer", "org.example.Value"), ("transactional.id", "mine"));

        Assert.Empty(settings.Properties.Keys.Intersect(["key.serializer", "value.serializer", "transactional.id"]));
        Assert.Empty(settings.Warnings); // told once for all sinks, with the configuration
    }

    [Fact]
    public void Transactions_KeepTheirOwnTimeout() =>
        Assert.False(KafkaProducerSettings.From(new KafkaOptions().Producer, KafkaDelivery.ExactlyOnce).Properties.ContainsKey("message.timeout.ms"));

    [Theory]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username=\"alice\" password=\"p\\\"; w=1\";", "alice", "p\"; w=1")]
    [InlineData("org.apache.kafka.common.security.scram.ScramLoginModule required\n  username=bob\n  password='x';", "bob", "'x'")]
    public void PasswordLogin_IsReadFromJavasText(string text, string user, string password)
    {
        var properties = From(("sasl.jaas.config", text)).Properties;

        Assert.Equal((user, password), (properties["sasl.username"], properties["sasl.password"]));
    }

    [Fact]
    public void KerberosLogin_IsReadFromJavasText()
    {
        var properties = From(("sasl.jaas.config",
            "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab=\"/etc/divolte.keytab\" principal=\"divolte@EXAMPLE.COM\" serviceName=\"kafka\";")).Properties;

        Assert.Equal("/etc/divolte.keytab", properties["sasl.kerberos.keytab"]);
        Assert.Equal("divolte@EXAMPLE.COM", properties["sasl.kerberos.principal"]);
        Assert.Equal("kafka", properties["sasl.kerberos.service.name"]);
    }

    [Fact]
    public void UnreadableLogin_IsAWarningWithoutItsText()
    {
        var settings = From(("sasl.jaas.config", "org.example.Own required secret=\"topsecret\";"));

        Assert.Contains(settings.Warnings, warning => warning.Contains("sasl.jaas.config", StringComparison.Ordinal));
        Assert.DoesNotContain(settings.Warnings, warning => warning.Contains("topsecret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sasl.jaas.config")]
    [InlineData("sasl.mechanism")]
    [InlineData("security.protocol")]
    public void EmptyVariable_CountsAsNotGiven(string name)
    {
        var settings = From((name, ""));

        Assert.False(settings.Properties.ContainsKey(name));
        Assert.DoesNotContain(settings.Warnings, warning => warning.Contains(name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SASL_SSL", "sasl_ssl")]
    [InlineData("plaintext", "plaintext")]
    public void SecurityProtocol_IsTakenInAnyCase(string given, string expected) =>
        Assert.Equal(expected, From(("security.protocol", given)).Properties["security.protocol"]);

    [Theory]
    [InlineData("max.request.size", "2000000", "message.max.bytes", "2000000")]
    [InlineData("buffer.memory", "67108864", "queue.buffering.max.kbytes", "65536")]
    [InlineData("batch.size", "0", "batch.num.messages", "1")]
    [InlineData("send.buffer.bytes", "-1", "socket.send.buffer.bytes", "0")]
    [InlineData("ssl.endpoint.identification.algorithm", "", "ssl.endpoint.identification.algorithm", "none")]
    [InlineData("retry.backoff.ms", "0", "retry.backoff.ms", "1")]
    [InlineData("connections.max.idle.ms", "-1", "connections.max.idle.ms", "2147483647")]
    public void JavaProperty_BecomesTheClients(string name, string value, string clientName, string clientValue) =>
        Assert.Equal(clientValue, From((name, value)).Properties[clientName]);

    [Theory]
    [InlineData("max.block.ms", "60000")]
    [InlineData("group.id", "x")]
    [InlineData("ssl.truststore.location", "/etc/trust.jks")]
    [InlineData("ssl.keystore.location", "/etc/key.JKS")]
    [InlineData("no.such.property", "x")]
    public void PropertyWithoutMeaning_IsAWarningThatNamesIt(string name, string value)
    {
        var settings = From((name, value));

        Assert.False(settings.Properties.ContainsKey(name));
        Assert.Contains(settings.Warnings, warning => warning.Contains(name, StringComparison.Ordinal));
    }

    /// <summary>Java takes all of these; a sink that never opens because of one would be worse than the property without effect.</summary>
    [Theory]
    [InlineData("linger.ms", "100000000")]
    [InlineData("request.timeout.ms", "2147483647")]
    [InlineData("retry.backoff.ms", "0")]
    [InlineData("connections.max.idle.ms", "-1")]
    [InlineData("metadata.max.age.ms", "0")]
    [InlineData("max.in.flight.requests.per.connection", "0")]
    [InlineData("max.request.size", "0")]
    [InlineData("max.request.size", "2147483647")]
    [InlineData("buffer.memory", "1")]
    [InlineData("buffer.memory", "9000000000000")]
    [InlineData("reconnect.backoff.max.ms", "99999999")]
    [InlineData("client.dns.lookup", "default")]
    [InlineData("receive.buffer.bytes", "2147483647")]
    [InlineData("batch.size", "2147483647")]
    [InlineData("compression.type", "zstd")]
    [InlineData("security.protocol", "PLAINTEXT")]
    public void ValueThatJavaTakes_MakesAProducer(string name, string value)
    {
        foreach (var delivery in Enum.GetValues<KafkaDelivery>())
        {
            var given = new Dictionary<string, string>(new KafkaOptions().Producer) { ["bootstrap.servers"] = "127.0.0.1:1", [name] = value };
            var settings = KafkaProducerSettings.From(given, delivery);
            using IDisposable producer = delivery == KafkaDelivery.ExactlyOnce
                ? new TransactionProducer(settings, (_, _) => { }, "id")
                : new TopicProducer("topic", settings, (_, _) => { });
        }
    }

    private static KafkaProducerSettings From(params (string Name, string Value)[] producer) =>
        KafkaProducerSettings.From(producer.ToDictionary(pair => pair.Name, pair => pair.Value), KafkaDelivery.AtLeastOnce);
}
