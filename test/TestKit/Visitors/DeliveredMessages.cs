using Avro.Generic;
using Avro.IO;
using Confluent.Kafka;

namespace Divolte.TestKit.Visitors;

/// <summary>Reads the committed messages of a Kafka topic.</summary>
public static class DeliveredMessages
{
    /// <summary>All committed messages up to the topic's present end, in order within each partition.</summary>
    /// <param name="bootstrap">The broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="schema">The schema that the values are encoded with.</param>
    public static IReadOnlyList<DeliveredEvent> Read(string bootstrap, string topic, Avro.Schema schema)
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = "delivered-" + Guid.NewGuid(),
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions;
        var datumReader = new GenericDatumReader<GenericRecord>(schema, schema);
        var delivered = new List<DeliveredEvent>();
        // All at once: an end that is still under way from an earlier assignment would pass for that of the next partition.
        var open = partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).ToHashSet();
        consumer.Assign(open.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        while (open.Count > 0)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException($"No message and no end of {string.Join(", ", open)} within 30 s.");
            if (result.IsPartitionEOF)
            {
                open.Remove(result.TopicPartition);
                continue;
            }
            using var stream = new MemoryStream(result.Message.Value);
            delivered.Add(DeliveredFiles.EventOf(datumReader.Read(null!, new BinaryDecoder(stream))));
        }
        return delivered;
    }
}
