using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>A topic of a name of its own, sinks into it, and what its readers see.</summary>
internal sealed class ATopic(string bootstrap)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly MappingSchema Schema = new("test", """{"type":"string"}""", 0x1DEFACED);

    public string Name { get; } = "t-" + Guid.NewGuid().ToString("N");

    public string ProgressName => Name + KafkaTransactionSink.ProgressSuffix;

    public string Bootstrap => bootstrap;

    /// <summary>Name of the journal in the transactional ids, no other test's: sinks of one name and queue would fence each other.</summary>
    public string Cluster { get; } = "c-" + Guid.NewGuid().ToString("N");

    /// <summary>The transactional id of a queue's producer, for a test that stands for an older process of it.</summary>
    public string TransactionalIdOf(int queue) => $"divolte-{Cluster}-kafka-{queue}";

    /// <summary>The key of a queue's progress.</summary>
    public byte[] ProgressKeyOf(int queue) => Encoding.UTF8.GetBytes($"{Cluster}/kafka/{queue}");

    public async Task<ATopic> CreateAsync(int partitions = 1, string? name = null, params (string Name, string Value)[] settings)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification
        {
            Name = name ?? Name,
            NumPartitions = partitions,
            ReplicationFactor = -1,
            // The records are from 2023, so a broker that has run for half a minute would delete them.
            Configs = settings.Append(("retention.ms", "-1")).ToDictionary(pair => pair.Item1, pair => pair.Item2),
        }]);
        return this;
    }

    public ISink Sink(KafkaDelivery delivery, KafkaMode mode = KafkaMode.Naked, int queues = 2, string? cluster = null, params (string Name, string Value)[] producer)
    {
        var properties = new Dictionary<string, string>(new KafkaOptions().Producer) { ["bootstrap.servers"] = bootstrap };
        foreach (var (name, value) in producer)
            properties[name] = value;
        return KafkaSinks.Create(
            new KafkaSinkOptions { Name = "kafka", Topic = Name, Delivery = delivery, Mode = mode },
            new KafkaOptions { Producer = properties }, new JournalParameters(8, queues, "party"), cluster ?? Cluster, TimeProvider.System, NullLoggerFactory.Instance);
    }

    /// <summary>A batch whose values are the given texts, all of one party.</summary>
    public static RecordBatch Batch(int queue, long offset, params string[] values) => Batch(queue, offset, values.Select(value => ("0:party", value)));

    public static RecordBatch Batch(int queue, long offset, IEnumerable<(string Key, string Value)> records)
    {
        var batch = new RecordBatch { Queue = queue, Position = new JournalPosition(1, offset) };
        foreach (var (key, value) in records)
        {
            var valueOffset = batch.Buffer.Length;
            var valueLength = Encoding.UTF8.GetByteCount(value);
            Encoding.UTF8.GetBytes(value, batch.Buffer.Append(valueLength));
            var keyOffset = batch.Buffer.Length;
            var keyLength = Encoding.UTF8.GetByteCount(key);
            Encoding.UTF8.GetBytes(key, batch.Buffer.Append(keyLength));
            batch.Add(new MappedRecord(Schema, 1_700_000_000_123, valueOffset, valueLength, keyOffset, keyLength));
        }
        return batch;
    }

    /// <summary>
    /// Writes batches as a sink worker does, until all are confirmed: after trouble a new writer goes on behind what the destination has confirmed.
    /// </summary>
    public static async Task<IReadOnlyList<RefusedRecord>> WriteAllAsync(ISink sink, IReadOnlyList<RecordBatch> batches)
    {
        var patience = DateTime.UtcNow + TimeSpan.FromSeconds(120);
        var refused = new List<RefusedRecord>();
        var settled = 0;
        var reason = "";
        while (settled < batches.Count)
        {
            if (DateTime.UtcNow > patience)
                throw new TimeoutException($"Only {settled} of {batches.Count} batches were confirmed; the last reason to try later was: {reason}");
            ISinkWriter writer;
            try
            {
                writer = await sink.OpenAsync(batches[0].Queue, TestContext.Current.CancellationToken);
            }
            catch (SinkUnavailableException exception)
            {
                reason = exception.Message;
                await Task.Delay(200, TestContext.Current.CancellationToken);
                continue;
            }
            await using (writer)
            {
                while (settled < batches.Count && batches[settled].Position.Offset <= (writer.Confirmed?.Offset ?? 0))
                    settled++;
                var receipts = new List<Task<WriteReceipt>>();
                foreach (var batch in batches.Skip(settled))
                    receipts.Add(await writer.WriteAsync(batch, TestContext.Current.CancellationToken));
                foreach (var receipt in receipts)
                {
                    var outcome = await receipt.WaitAsync(Patience, TestContext.Current.CancellationToken);
                    if (outcome.Status == WriteStatus.TryLater)
                    {
                        reason = outcome.Reason;
                        break;
                    }
                    refused.AddRange(outcome.Refused);
                    settled++;
                }
                await Task.WhenAll(receipts).WaitAsync(Patience, TestContext.Current.CancellationToken);
            }
        }
        return refused;
    }

    /// <summary>All messages up to the present end, in order within each partition; of committed transactions only, unless asked otherwise.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> Read(IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = Guid.NewGuid().ToString(),
            IsolationLevel = isolation,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var messages = new List<ConsumeResult<byte[], byte[]>>();
        var open = admin.GetMetadata(Name, Patience).Topics.Single().Partitions.Select(partition => new TopicPartition(Name, partition.PartitionId)).ToHashSet();
        consumer.Assign(open.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        while (open.Count > 0)
        {
            var result = consumer.Consume(Patience) ?? throw new TimeoutException($"No message and no end of {string.Join(", ", open)} within {Patience}.");
            if (result.IsPartitionEOF)
                open.Remove(result.TopicPartition);
            else
                messages.Add(result);
        }
        return messages;
    }

    public IReadOnlyList<string> ReadValues(IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        [.. Read(isolation).Select(result => Encoding.UTF8.GetString(result.Message.Value))];

    /// <summary>A transactional producer besides the sink's: an old process of it, or someone else.</summary>
    public IProducer<byte[], byte[]> TransactionalProducer(string transactionalId)
    {
        var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrap, TransactionalId = transactionalId, LingerMs = 0 }).Build();
        producer.InitTransactions(Patience);
        return producer;
    }
}
