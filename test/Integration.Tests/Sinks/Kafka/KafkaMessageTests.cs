using System.Text;
using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;
using Xunit;

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>What a consumer gets: key, time, value, partition, order, and what is refused.</summary>
[Trait("Needs", "Kafka")]
public sealed class KafkaMessageTests(KafkaFixture kafka)
{
    private const string Party = "0:is8tiwk4:GKv5gCc5TtrvBTs9bXfVD8KIQ3oO~sEg";

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    [InlineData(KafkaDelivery.AsConfigured)]
    public async Task Message_HasPartyRequestTimeAndRecord(KafkaDelivery delivery)
    {
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(delivery))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, [(Party, "value")])]);

        var message = Assert.Single(topic.Read()).Message;

        Assert.Equal(Party, Encoding.UTF8.GetString(message.Key));
        Assert.Equal("value", Encoding.UTF8.GetString(message.Value));
        Assert.Equal(new Timestamp(1_700_000_000_123, TimestampType.CreateTime), message.Timestamp);
        Assert.Empty(message.Headers);
    }

    [Fact]
    public async Task ConfluentMode_PutsTheSchemaInFront()
    {
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(KafkaDelivery.AtLeastOnce, KafkaMode.Confluent))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, "value")]);

        Assert.Equal([0, 0x1D, 0xEF, 0xAC, 0xED, .. "value"u8], Assert.Single(topic.Read()).Message.Value);
    }

    /// <summary>The frames of a batch are made in one place, one after the other.</summary>
    [Fact]
    public async Task ConfluentMode_FramesEveryRecordOfABatch()
    {
        string[] values = ["value", new('l', 5_000), "", "v", new('m', 20_000), "last"];
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(KafkaDelivery.AtLeastOnce, KafkaMode.Confluent))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, values)]);

        var read = topic.Read();

        Assert.Equal(values, read.Select(result => Encoding.UTF8.GetString(result.Message.Value.AsSpan(5))));
        Assert.All(read, result => Assert.Equal([0, 0x1D, 0xEF, 0xAC, 0xED], result.Message.Value[..5]));
    }

    /// <summary>The hashes are those that Kafka's own tests of its Java client state for murmur2.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public async Task Partition_IsTheOneThatJavaChooses(string key, int hash)
    {
        const int partitions = 12;
        var topic = await TopicAsync(partitions);
        await using (var sink = topic.Sink(KafkaDelivery.AtLeastOnce))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, [(key, "value")])]);

        Assert.Equal((hash & 0x7fffffff) % partitions, Assert.Single(topic.Read()).Partition.Value);
    }

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    public async Task ManyBatches_KeepTheirOrder(KafkaDelivery delivery)
    {
        var topic = await TopicAsync();
        var batches = Enumerable.Range(0, 200).Select(batch => ATopic.Batch(0, batch + 1, [.. Enumerable.Range(0, 50).Select(record => $"{batch * 50 + record}")])).ToArray();
        await using (var sink = topic.Sink(delivery, producer: ("max.in.flight.requests.per.connection", "5")))
            await ATopic.WriteAllAsync(sink, batches);

        Assert.Equal(Enumerable.Range(0, 10_000).Select(record => $"{record}"), topic.ReadValues());
    }

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    public async Task RecordLargerThanTheClientTakes_IsRefusedAlone(KafkaDelivery delivery)
    {
        var topic = await TopicAsync();
        await using var sink = topic.Sink(delivery, producer: ("max.request.size", "10000"));

        var refused = await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, "before", new string('x', 20_000), "after")]);

        Assert.Equal(1, Assert.Single(refused).Index);
        Assert.Equal(["before", "after"], topic.ReadValues());
    }

    /// <summary>Asked by a client of the sink's own properties; without an answer every record would travel alone, which only costs.</summary>
    [Fact]
    public async Task LimitOfATopic_IsAskedWithThePropertiesOfTheProducer()
    {
        var topic = await TopicAsync(1, ("max.message.bytes", "10000"));
        var given = new Dictionary<string, string>(new KafkaOptions().Producer) { ["bootstrap.servers"] = (await kafka.BrokerAsync()).Bootstrap };
        var settings = KafkaProducerSettings.From(given, KafkaDelivery.AtLeastOnce);

        Assert.Equal(10_000 - 512, await TopicLimits.NextAsync(() => new AdminClientBuilder(settings.Properties).Build(), topic.Name, present: null));
    }

    /// <summary>A broker refuses the client's whole batch; the records in it are none the worse for it.</summary>
    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    public async Task BatchLargerThanTheTopicTakes_IsDeliveredInSmallerOnes(KafkaDelivery delivery)
    {
        var topic = await TopicAsync(1, ("max.message.bytes", "10000"));
        var values = Enumerable.Range(0, 100).Select(record => $"{record}-" + Noise(record, 1000)).ToArray();
        await using var sink = topic.Sink(delivery, producer: ("linger.ms", "50"));

        var refused = await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, values)]);

        Assert.Empty(refused);
        Assert.Equal(values, topic.ReadValues().Distinct());
    }

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    public async Task RecordLargerThanTheTopicTakes_IsRefusedAlone(KafkaDelivery delivery)
    {
        var topic = await TopicAsync(1, ("max.message.bytes", "10000"));
        await using var sink = topic.Sink(delivery, producer: ("linger.ms", "50"));

        var refused = await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, "before", Noise(1, 20_000), "after"), ATopic.Batch(0, 2, "last")]);

        Assert.Equal(1, Assert.Single(refused).Index);
        Assert.Equal(["before", "after", "last"], topic.ReadValues().Distinct());
    }

    /// <summary>Text that no compression makes small.</summary>
    private static string Noise(int seed, int length)
    {
        var random = new Random(seed);
        return string.Create(length, random, static (text, random) =>
        {
            for (var index = 0; index < text.Length; index++)
                text[index] = (char)random.Next('!', '~');
        });
    }

    private async Task<ATopic> TopicAsync(int partitions = 1, params (string Name, string Value)[] settings) =>
        await new ATopic((await kafka.BrokerAsync()).Bootstrap).CreateAsync(partitions, settings: settings);
}
