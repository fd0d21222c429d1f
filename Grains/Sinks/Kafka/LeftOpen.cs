using Confluent.Kafka;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// Ends what the broker takes for ended and is not. A coordinator of transactions that finds a partition without a leader takes it for deleted, and notes the
/// transaction as complete without its end in that partition's log: a restarted one-node broker does so while it registers again. Readers of committed messages
/// would stand before it for ever; and the queue's next transaction, whose producer has the same number, would commit those records together with its own.
/// </summary>
internal static class LeftOpen
{
    /// <summary>Other queues' transactions end by themselves within it, as a rule. One that does not costs a needless look and a record that nobody sees.</summary>
    private static readonly TimeSpan OthersMax = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AbortMax = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Ends this queue's own transaction where it is still open, unless it was committed. Only after the producer was initialised: whatever is open of the queue
    /// is then open by mistake. Blocks.
    /// </summary>
    /// <param name="producer">The queue's initialised producer.</param>
    /// <param name="offsets">Of the same client.</param>
    /// <param name="progress">The sink's progress.</param>
    /// <param name="topic">The sink's topic.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="properties">The producer's properties.</param>
    /// <returns>The partitions in which a transaction was open, the queue's own or another's, and the queue's own is ended now.</returns>
    /// <exception cref="KafkaException">The broker is away or refuses.</exception>
    /// <exception cref="SinkUnavailableException">The progress cannot be read.</exception>
    public static IReadOnlyList<TopicPartition> End(
        IProducer<byte[], byte[]> producer, KafkaOffsets offsets, KafkaProgress progress, string topic, int queue, IReadOnlyDictionary<string, string> properties)
    {
        var ends = offsets.EndsOf([.. offsets.PartitionsOf(topic), progress.PartitionOf(queue)], IsolationLevel.ReadUncommitted);
        var open = offsets.AwaitCommitted(ends, OthersMax);
        // The progress is in the log before any record of its transaction, so its fate is the fate of the queue's last transaction. If that is the commit, the
        // end that is missing elsewhere is a commit too, which the next transaction brings.
        if (open.Count == 0 || progress.IsNewestCommitted(offsets, properties, queue))
            return [];
        // The end of a transaction ends what its producer has open in each partition that it takes part in.
        producer.BeginTransaction();
        foreach (var partition in open)
            producer.Produce(partition, new Message<byte[], byte[]> { Key = progress.KeyOf(queue), Value = null! });
        producer.Flush(FlushMax);
        producer.AbortTransaction(AbortMax);
        return open;
    }
}
