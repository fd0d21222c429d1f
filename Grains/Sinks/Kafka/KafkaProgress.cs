using System.Buffers.Binary;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// The progress of an exactly-once sink, kept in Kafka itself: a compacted topic with one partition per queue, written in the transaction that carries the
/// records. Value: format of the cluster (8 bits; the layout is the same in all so far), incarnation, offset (64 bits each, little-endian).
/// </summary>
internal sealed class KafkaProgress(string topic, string cluster, string sink, int queues, int format)
{
    private const int ValueLength = 1 + 2 * sizeof(long);
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the next message or the end: an abandoned transaction of someone else ends by the broker's time-out of a minute.</summary>
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(70);

    /// <summary>First look so far back from the end; each transaction takes two offsets, so the newest is usually among them.</summary>
    private const long LookBack = 64;

    /// <summary>Name of the topic.</summary>
    public string Topic => topic;

    /// <summary>The message that says how far a queue has come.</summary>
    public Message<byte[], byte[]> MessageOf(int queue, JournalPosition position)
    {
        var value = new byte[ValueLength];
        value[0] = checked((byte)format);
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
        catch (KafkaException exception)
        {
            // It is there already, or only an administrator may make topics, who has perhaps done so.
            Check(admin, exception.Error.Reason);
        }
    }

    /// <summary>Reads how far a queue has come. Only after the transactional producer was initialised, which ends what an older one left open. Blocks.</summary>
    /// <param name="handle">The initialised producer.</param>
    /// <param name="producerProperties">Its properties, for a consumer of the same cluster.</param>
    /// <param name="queue">The queue.</param>
    /// <returns>The position; null when the queue has none yet.</returns>
    /// <exception cref="KafkaException">The broker is away.</exception>
    /// <exception cref="SinkUnavailableException">The end was not reached in time, or a value is of an unknown format.</exception>
    public JournalPosition? Read(Handle handle, IReadOnlyDictionary<string, string> producerProperties, int queue)
    {
        var partition = new TopicPartition(topic, queue);
        var end = EndOf(handle, partition);
        for (var back = LookBack; ; back *= 8)
        {
            // A consumer of its own for each look: what an earlier look has still under way must not pass for this one's end.
            using var consumer = new ConsumerBuilder<byte[], byte[]>(ConsumerPropertiesOf(producerProperties)).SetLogHandler((_, _) => { }).Build();
            var low = consumer.QueryWatermarkOffsets(partition, CallMax).Low.Value;
            var from = Math.Max(low, end - back);
            if (ReadLast(consumer, partition, from, end, KeyOf(queue)) is { } position)
                return position;
            if (from <= low)
                return null;
        }
    }

    /// <summary>
    /// The end with all that is uncommitted. What a reader of committed messages is told is the end lies before the oldest open transaction, also before one of
    /// another sink or cluster that shares the topic; what we have committed behind it would be overlooked, and written again.
    /// </summary>
    private static long EndOf(Handle handle, TopicPartition partition)
    {
        using var admin = new DependentAdminClientBuilder(handle).Build();
        var listed = admin.ListOffsetsAsync(
            [new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }],
            new ListOffsetsOptions { RequestTimeout = CallMax, IsolationLevel = IsolationLevel.ReadUncommitted }).GetAwaiter().GetResult();
        return listed.ResultInfos[0].TopicPartitionOffsetError.Offset.Value;
    }

    private static JournalPosition? ReadLast(IConsumer<byte[], byte[]> consumer, TopicPartition partition, long from, long end, byte[] key)
    {
        consumer.Assign(new TopicPartitionOffset(partition, from));
        JournalPosition? last = null;
        while (true)
        {
            var result = consumer.Consume(EndMax)
                ?? throw new SinkUnavailableException(
                    $"a transaction in {partition.Topic}, partition {partition.Partition.Value}, has stayed open for {EndMax.TotalSeconds:0} s, and readers of committed messages wait for its end; " +
                    "if its writer is gone, docs/reliability.md says how to end it");
            if (!result.IsPartitionEOF)
            {
                if (result.Message.Key is { } found && found.AsSpan().SequenceEqual(key))
                    last = Parse(result.Message.Value, partition);
            }
            else if (result.Offset.Value >= end)
            {
                return last;
            }
        }
    }

    private static JournalPosition Parse(byte[] value, TopicPartition partition) =>
        value.Length == ValueLength && GridFormat.Reads(value[0])
            ? new JournalPosition(BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(1)), BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(1 + sizeof(long))))
            : throw new SinkUnavailableException($"{partition} holds a progress that this build cannot read");

    private void Check(IAdminClient admin, string reason)
    {
        try
        {
            // Describing makes no topic, as asking for metadata does on brokers that make topics by themselves.
            var described = admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = CallMax }).GetAwaiter().GetResult().TopicDescriptions[0];
            if (described.Partitions.Count < queues)
                throw new SinkUnavailableException($"the progress topic {topic} has {described.Partitions.Count} partitions, but {queues} queues need one each");
        }
        catch (KafkaException exception)
        {
            throw new SinkUnavailableException($"the progress topic {topic} cannot be made: {reason}", exception);
        }
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
