using System.Text;
using Avro;
using Avro.Generic;
using Avro.IO;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Divolte.Integration.Tests.Wire;

/// <summary>Topics of one configuration, with one partition each, read from their beginning.</summary>
internal sealed class RecordedTopics : IDisposable
{
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly GenericDatumReader<GenericRecord> _decoder;

    private RecordedTopics(IReadOnlyList<string> names, IConsumer<byte[], byte[]> consumer, Schema schema)
    {
        Names = names;
        _consumer = consumer;
        _decoder = new GenericDatumReader<GenericRecord>(schema, schema);
    }

    public IReadOnlyList<string> Names { get; }

    public static async Task<RecordedTopics> CreateAsync(string bootstrap, IReadOnlyList<string> names, Schema schema)
    {
        var client = new ClientConfig { BootstrapServers = bootstrap };
        using (var admin = new AdminClientBuilder(client).Build())
            await admin.CreateTopicsAsync(names.Select(name => new TopicSpecification { Name = name, NumPartitions = 1, ReplicationFactor = 1 }));
        var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig(client)
        {
            GroupId = names[0],
            EnableAutoCommit = false,
            FetchWaitMaxMs = 20,
            FetchErrorBackoffMs = 20,
        }).Build();
        consumer.Assign(names.Select(name => new TopicPartitionOffset(name, 0, Offset.Beginning)));
        return new RecordedTopics(names, consumer, schema);
    }

    /// <summary>The next record of any topic, or null when none comes in time.</summary>
    public DeliveredRecord? Next(TimeSpan patience)
    {
        if (_consumer.Consume(patience) is not { } message)
            return null;
        using var value = new MemoryStream(message.Message.Value);
        var record = _decoder.Read(null!, new BinaryDecoder(value));
        return new DeliveredRecord(message.Topic, Encoding.UTF8.GetString(message.Message.Key), message.Message.Timestamp.UnixTimestampMs, record);
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }
}
