using System.Buffers.Binary;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Divolte.Grains.Journal;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// The progress of an exactly-once sink, kept in Kafka itself: a compacted topic with one partition per queue, written in the transaction that carries the
/// records. Value: version 1, incarnation, offset (64 bits each, little-endian).
/// </summary>
internal sealed class KafkaProgress(string topic, string cluster, string sink, int queues)
{
    private const byte Version = 1;
    private const int ValueLength = 1 + 2 * sizeof(long);
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(10);

    /// <summary>First look so far back from the end; each transaction takes two offsets, so the newest is usually among them.</summary>
    private const long LookBack = 64;

    /// <summary>Name of the topic.</summary>
    public string Topic => topic;

    /// <summary>The message that says how far a queue has come.</summary>
    public Message<byte[], byte[]> MessageOf(int queue, JournalPosition position)
    {
        var value = new byte[ValueLength];
        value[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(1), position.Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(1 + sizeof(long)), position.Offset);
        return new Message<byte[], byte[]> { Key = KeyOf(queue), Value = value };
    }

    /// <summary>Makes the topic if it is not there. Blocks.</summary>
    /// <exception cref="SinkUnavailableException">It cannot be made, or has too few partitions.</exception>
    public void Prepare(Handle handle)
    {
        using var admin = new DependentAdminClientBuilder(handle).Build();
        try
        {
            admin.CreateTopicsAsync(
                [new TopicSpecification
                {
                    Name = topic, NumPartitions = queues, ReplicationFactor = -1, // the broker's own default
                    Configs = new Dictionary<string, string> { ["cleanup.policy"] = "compact" },
                }],
                new CreateTopicsOptions { RequestTimeout = CallMax, OperationTimeout = CallMax }).GetAwaiter().GetResult();
        }
        catch (CreateTopicsException exception) when (exception.Results.TrueForAll(result => result.Error.Code is ErrorCode.TopicAlreadyExists))
        {
            CheckPartitions(admin);
        }
        catch (KafkaException exception)
        {
            throw new SinkUnavailableException($"the progress topic {topic} cannot be made: {exception.Error.Reason}", exception);
        }
    }

    /// <summary>Reads how far a queue has come. Only after the transactional producer was initialised, which ends what an older one left open. Blocks.</summary>
    /// <returns>The position; null when the queue has none yet.</returns>
    /// <exception cref="KafkaException">The broker is away.</exception>
    /// <exception cref="SinkUnavailableException">The end was not reached in time, or a value is of an unknown version.</exception>
    public JournalPosition? Read(IReadOnlyDictionary<string, string> producerProperties, int queue)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(ConsumerPropertiesOf(producerProperties)).SetLogHandler((_, _) => { }).Build();
        var partition = new TopicPartition(topic, queue);
        var range = consumer.QueryWatermarkOffsets(partition, CallMax);
        for (var back = LookBack; ; back *= 8)
        {
            var from = Math.Max(range.Low.Value, range.High.Value - back);
            if (ReadLast(consumer, partition, from, KeyOf(queue)) is { } position)
                return position;
            if (from <= range.Low.Value)
                return null;
        }
    }

    private static JournalPosition? ReadLast(IConsumer<byte[], byte[]> consumer, TopicPartition partition, long from, byte[] key)
    {
        consumer.Assign(new TopicPartitionOffset(partition, from));
        JournalPosition? last = null;
        while (true)
        {
            var result = consumer.Consume(CallMax) ?? throw new SinkUnavailableException($"the end of {partition} was not reached within {CallMax.TotalSeconds:0} s");
            if (result.IsPartitionEOF)
                return last;
            if (result.Message.Key is { } found && found.AsSpan().SequenceEqual(key))
                last = Parse(result.Message.Value, partition);
        }
    }

    private static JournalPosition Parse(byte[] value, TopicPartition partition) =>
        value is [Version, ..] && value.Length == ValueLength
            ? new JournalPosition(BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(1)), BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(1 + sizeof(long))))
            : throw new SinkUnavailableException($"{partition} holds a progress that this build cannot read");

    private void CheckPartitions(IAdminClient admin)
    {
        var partitions = admin.GetMetadata(topic, CallMax).Topics.Single().Partitions.Count;
        if (partitions < queues)
            throw new SinkUnavailableException($"the progress topic {topic} has {partitions} partitions, but {queues} queues need one each");
    }

    private byte[] KeyOf(int queue) => Encoding.UTF8.GetBytes($"{cluster}/{sink}/{queue}");

    private static Dictionary<string, string> ConsumerPropertiesOf(IReadOnlyDictionary<string, string> producer)
    {
        string[] shared = ["bootstrap.servers", "client.id", "client.dns.lookup", "broker.address.family"];
        var properties = producer
            .Where(pair => shared.Contains(pair.Key) || pair.Key.StartsWith("sasl.", StringComparison.Ordinal)
                || pair.Key.StartsWith("ssl.", StringComparison.Ordinal) || pair.Key.StartsWith("security.", StringComparison.Ordinal))
            .ToDictionary();
        properties["group.id"] = "divolte-progress"; // required by the client; no offset is ever committed
        properties["enable.auto.commit"] = "false";
        properties["isolation.level"] = "read_committed";
        properties["enable.partition.eof"] = "true";
        properties["auto.offset.reset"] = "earliest";
        return properties;
    }
}
