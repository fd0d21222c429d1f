using System.Buffers.Binary;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// The progress of an exactly-once sink, kept in Kafka itself: a compacted topic with one partition per queue, written in the transaction that carries the
/// records, and before them. Value: format of the cluster (8 bits; the layout is the same in all so far), incarnation, offset (64 bits each, little-endian).
/// </summary>
internal sealed class KafkaProgress(string topic, string cluster, string sink, int queues, int format)
{
    private const int ValueLength = 1 + 2 * sizeof(long);
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the next message or the end: an abandoned transaction of someone else ends by the broker's time-out of a minute.</summary>
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(70);

    /// <summary>First look so far back from the end; each transaction takes two offsets, so the newest is usually among them.</summary>
    private const long LookBack = 64;

    /// <summary>The partition of a queue.</summary>
    public TopicPartition PartitionOf(int queue) => new(topic, queue);

    /// <summary>The key of a queue's messages.</summary>
    public byte[] KeyOf(int queue) => Encoding.UTF8.GetBytes($"{cluster}/{sink}/{queue}");

    /// <summary>
    /// Writes how far a queue has come when the transaction that has begun is committed, and waits until it is in the log: none of the transaction's records is
    /// there before it. Blocks.
    /// </summary>
    /// <returns>The end of the partition behind it.</returns>
    /// <exception cref="KafkaException">It could not be written.</exception>
    public long Write(TransactionProducer producer, int queue, JournalPosition position)
    {
        var value = new byte[ValueLength];
        value[0] = checked((byte)format);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(1), position.Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(1 + sizeof(long)), position.Offset);
        var written = producer.Client.ProduceAsync(PartitionOf(queue), new Message<byte[], byte[]> { Key = KeyOf(queue), Value = value });
        while (!written.IsCompleted)
            producer.Hurry();
        return written.GetAwaiter().GetResult().Offset.Value + 1;
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
    /// <param name="offsets">Of the initialised producer.</param>
    /// <param name="producerProperties">Its properties, for a consumer of the same cluster.</param>
    /// <param name="queue">The queue.</param>
    /// <returns>The position; null when the queue has none yet.</returns>
    /// <exception cref="KafkaException">The broker is away.</exception>
    /// <exception cref="SinkUnavailableException">The end was not reached in time, or a value is of an unknown format.</exception>
    public JournalPosition? Read(KafkaOffsets offsets, IReadOnlyDictionary<string, string> producerProperties, int queue) =>
        FindNewest(offsets, producerProperties, queue, IsolationLevel.ReadCommitted) is { } newest ? Parse(newest.Message.Value, PartitionOf(queue)) : null;

    /// <summary>Whether the newest transaction that has written a queue's progress is committed, as far as the progress goes; also when there is none. Blocks.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <inheritdoc cref="Read" path="/exception"/>
    public bool IsNewestCommitted(KafkaOffsets offsets, IReadOnlyDictionary<string, string> producerProperties, int queue)
    {
        if (FindNewest(offsets, producerProperties, queue, IsolationLevel.ReadUncommitted) is not { } newest)
            return true;
        if (offsets.EndsOf([newest.TopicPartition], IsolationLevel.ReadCommitted)[newest.TopicPartition] <= newest.Offset.Value)
            return false; // open
        using var consumer = ConsumerOf(producerProperties, IsolationLevel.ReadCommitted);
        consumer.Assign(newest.TopicPartitionOffset);
        var seen = consumer.Consume(CallMax) ?? throw new SinkUnavailableException($"no answer about {newest.TopicPartition} within {CallMax.TotalSeconds:0} s");
        return !seen.IsPartitionEOF && seen.Offset == newest.Offset;
    }

    private ConsumeResult<byte[], byte[]>? FindNewest(
        KafkaOffsets offsets, IReadOnlyDictionary<string, string> producerProperties, int queue, IsolationLevel isolation)
    {
        var partition = PartitionOf(queue);
        // The end with all that is uncommitted. What a reader of committed messages is told is the end lies before the oldest open transaction, also before one of
        // another sink or cluster that shares the topic; what we have committed behind it would be overlooked, and written again.
        var end = offsets.EndsOf([partition], IsolationLevel.ReadUncommitted)[partition];
        for (var back = LookBack; ; back *= 8)
        {
            // A consumer of its own for each look: what an earlier look has still under way must not pass for this one's end.
            using var consumer = ConsumerOf(producerProperties, isolation);
            var low = consumer.QueryWatermarkOffsets(partition, CallMax).Low.Value;
            var from = Math.Max(low, end - back);
            if (ReadLast(consumer, partition, from, end, KeyOf(queue)) is { } found)
                return found;
            if (from <= low)
                return null;
        }
    }

    private static ConsumeResult<byte[], byte[]>? ReadLast(IConsumer<byte[], byte[]> consumer, TopicPartition partition, long from, long end, byte[] key)
    {
        consumer.Assign(new TopicPartitionOffset(partition, from));
        ConsumeResult<byte[], byte[]>? last = null;
        while (true)
        {
            var result = consumer.Consume(EndMax)
                ?? throw new SinkUnavailableException(
                    $"a transaction in {partition.Topic}, partition {partition.Partition.Value}, has stayed open for {EndMax.TotalSeconds:0} s, and readers of committed messages wait for its end; " +
                    "if its writer is gone, docs/reliability.md says how to end it");
            if (!result.IsPartitionEOF)
            {
                // One without a value is of a transaction that was begun to be aborted.
                if (result.Message is { Key: { } found, Value: not null } && found.AsSpan().SequenceEqual(key))
                    last = result;
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

    private static IConsumer<byte[], byte[]> ConsumerOf(IReadOnlyDictionary<string, string> producer, IsolationLevel isolation)
    {
        string[] shared = ["bootstrap.servers", "client.id", "client.dns.lookup", "broker.address.family"];
        var properties = producer
            .Where(pair => shared.Contains(pair.Key) || pair.Key.StartsWith("sasl.", StringComparison.Ordinal)
                || pair.Key.StartsWith("ssl.", StringComparison.Ordinal) || pair.Key.StartsWith("security.", StringComparison.Ordinal))
            .ToDictionary();
        properties["group.id"] = "divolte-progress"; // required by the client; no offset is ever committed
        properties["enable.auto.commit"] = "false";
        properties["isolation.level"] = isolation == IsolationLevel.ReadCommitted ? "read_committed" : "read_uncommitted";
        properties["enable.partition.eof"] = "true";
        properties["auto.offset.reset"] = "earliest";
        return new ConsumerBuilder<byte[], byte[]>(properties).SetLogHandler((_, _) => { }).Build();
    }
}
