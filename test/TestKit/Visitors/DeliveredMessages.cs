using Avro.Generic;
using Avro.IO;
using Confluent.Kafka;

namespace Divolte.TestKit.Visitors;

/// <summary>Reads the committed messages of a Kafka topic.</summary>
public static class DeliveredMessages
{
    /// <summary>All committed messages up to the topic's present end, partition by partition.</summary>
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
        foreach (var partition in partitions)
        {
            consumer.Assign(new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning));
            while (true)
            {
                var result = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException($"No message and no end of partition {partition.PartitionId} of {topic} within 30 s.");
                if (result.IsPartitionEOF)
                    break;
                using var stream = new MemoryStream(result.Message.Value);
                delivered.Add(DeliveredFiles.EventOf(datumReader.Read(null!, new BinaryDecoder(stream))));
            }
        }
        return delivered;
    }
}
