using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>
/// Where partitions end: for readers of everything, and for readers of committed messages, who stop before the oldest transaction that is open in the log.
/// All calls block.
/// </summary>
/// <param name="handle">A client that is connected.</param>
internal sealed class KafkaOffsets(Handle handle) : IDisposable
{
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAgainFirst = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookAgainMost = TimeSpan.FromMilliseconds(100);

    private readonly IAdminClient _admin = new DependentAdminClientBuilder(handle).Build();

    /// <summary>The partitions of a topic; none when there is no such topic.</summary>
    /// <exception cref="KafkaException">The broker is away or refuses.</exception>
    public IReadOnlyList<TopicPartition> PartitionsOf(string topic)
    {
        try
        {
            // Describing makes no topic, as asking for metadata does on brokers that make topics by themselves.
            var described = _admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = CallMax }).GetAwaiter().GetResult().TopicDescriptions[0];
            return [.. described.Partitions.Select(partition => new TopicPartition(topic, partition.Partition))];
        }
        catch (DescribeTopicsException exception) when (exception.Results.TopicDescriptions is [{ Error.Code: ErrorCode.UnknownTopicOrPart }])
        {
            return [];
        }
    }

    /// <summary>The end of each partition, as readers of an isolation level have it.</summary>
    /// <exception cref="KafkaException">The broker is away, refuses, or does not know a partition.</exception>
    public IReadOnlyDictionary<TopicPartition, long> EndsOf(IEnumerable<TopicPartition> partitions, IsolationLevel isolation)
    {
        var listed = _admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }),
            new ListOffsetsOptions { RequestTimeout = CallMax, IsolationLevel = isolation }).GetAwaiter().GetResult();
        return listed.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.TopicPartition, info => info.TopicPartitionOffsetError.Offset.Value);
    }

    /// <summary>Waits until every transaction that has written before the given ends has its end in the log.</summary>
    /// <param name="ends">An end for each partition.</param>
    /// <param name="most">The longest wait.</param>
    /// <returns>The partitions in which one was still open then.</returns>
    /// <exception cref="KafkaException">The broker is away, refuses, or does not know a partition.</exception>
    public IReadOnlyList<TopicPartition> AwaitCommitted(IReadOnlyDictionary<TopicPartition, long> ends, TimeSpan most)
    {
        var clock = Stopwatch.StartNew();
        for (var pause = LookAgainFirst; ; pause = pause * 2 < LookAgainMost ? pause * 2 : LookAgainMost)
        {
            var open = EndsOf(ends.Keys, IsolationLevel.ReadCommitted).Where(pair => pair.Value < ends[pair.Key]).Select(pair => pair.Key).ToList();
            if (open.Count == 0 || clock.Elapsed >= most)
                return open;
            Task.Delay(pause).GetAwaiter().GetResult(); // the caller's thread is there to block
        }
    }

    public void Dispose() => _admin.Dispose();
}
