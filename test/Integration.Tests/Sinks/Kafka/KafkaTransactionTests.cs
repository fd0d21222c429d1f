using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Sinks;
using Xunit;

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>Exactly once, against what a broker really does with transactions.</summary>
[Trait("Needs", "Kafka")]
public sealed class KafkaTransactionTests(KafkaFixture kafka)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Progress_ComesBackByQueue()
    {
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(KafkaDelivery.ExactlyOnce))
        {
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 7, "a"), ATopic.Batch(0, 9, "b")]);
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(1, 4)]); // nothing but a position
        }

        await using var after = topic.Sink(KafkaDelivery.ExactlyOnce);
        await using var zero = await after.OpenAsync(0, Token);
        await using var one = await after.OpenAsync(1, Token);

        Assert.Equal(new JournalPosition(1, 9), zero.Confirmed);
        Assert.Equal(new JournalPosition(1, 4), one.Confirmed);
    }

    [Fact]
    public async Task QueueWithoutProgress_HasNone()
    {
        var topic = await TopicAsync();
        await using var sink = topic.Sink(KafkaDelivery.ExactlyOnce);
        await using var writer = await sink.OpenAsync(1, Token);

        Assert.Null(writer.Confirmed);
    }

    /// <summary>Far more transactions than are looked at first, and another queue's records never count.</summary>
    [Fact]
    public async Task ProgressBehindManyTransactionsOfOthers_IsFound()
    {
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(KafkaDelivery.ExactlyOnce))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 5, "a")]);
        using (var other = topic.TransactionalProducer("other"))
        {
            for (var round = 0; round < 100; round++)
            {
                other.BeginTransaction();
                other.Produce(new TopicPartition(topic.ProgressName, 0), new Message<byte[], byte[]> { Key = "other/kafka/0"u8.ToArray(), Value = [1] });
                other.CommitTransaction(Patience);
            }
        }

        await using var after = topic.Sink(KafkaDelivery.ExactlyOnce);
        await using var writer = await after.OpenAsync(0, Token);

        Assert.Equal(5, writer.Confirmed?.Offset);
    }

    /// <summary>A process that hangs, is taken for dead and then goes on: its later writes must not be seen.</summary>
    [Fact]
    public async Task AbandonedWriter_IsFencedByTheNext()
    {
        var topic = await TopicAsync();
        await using var oldSink = topic.Sink(KafkaDelivery.ExactlyOnce);
        await using var oldWriter = await oldSink.OpenAsync(0, Token);
        Assert.Equal(WriteStatus.Written, (await WriteAsync(oldWriter, ATopic.Batch(0, 1, "a"))).Status);

        await using var newSink = topic.Sink(KafkaDelivery.ExactlyOnce);
        await using var newWriter = await newSink.OpenAsync(0, Token);
        Assert.Equal(1, newWriter.Confirmed?.Offset);
        Assert.Equal(WriteStatus.Written, (await WriteAsync(newWriter, ATopic.Batch(0, 2, "b"))).Status);
        var late = await WriteAsync(oldWriter, ATopic.Batch(0, 2, "b from the dead"));

        Assert.Equal(WriteStatus.TryLater, late.Status);
        Assert.NotEqual("", late.Reason);
        Assert.Equal(["a", "b"], topic.ReadValues());
    }

    /// <summary>A process that died in the middle of a transaction.</summary>
    [Fact]
    public async Task UncommittedRecordsOfADeadProcess_AreNeverSeen()
    {
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(KafkaDelivery.ExactlyOnce))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, "a")]);
        using var dead = topic.TransactionalProducer(topic.TransactionalIdOf(0));
        dead.BeginTransaction();
        dead.Produce(topic.Name, new Message<byte[], byte[]> { Key = "0:party"u8.ToArray(), Value = "b of the dead"u8.ToArray() });
        dead.Flush(Patience);

        await using (var after = topic.Sink(KafkaDelivery.ExactlyOnce))
            await ATopic.WriteAllAsync(after, [ATopic.Batch(0, 1, "a"), ATopic.Batch(0, 2, "b")]);

        Assert.Equal(["a", "b"], topic.ReadValues());
        Assert.Contains("b of the dead", topic.ReadValues(IsolationLevel.ReadUncommitted));
    }

    /// <summary>
    /// Readers of committed messages stop before the oldest open transaction, whoever's it is. Our own progress behind it must be waited for: without it
    /// everything since would be written again.
    /// </summary>
    [Fact]
    public async Task OpenTransactionOfSomeoneElse_DoesNotHideTheProgress()
    {
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(KafkaDelivery.ExactlyOnce))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, "a")]);
        using var other = topic.TransactionalProducer("someone-else");
        other.BeginTransaction();
        other.Produce(new TopicPartition(topic.ProgressName, 0), new Message<byte[], byte[]> { Key = "else/kafka/0"u8.ToArray(), Value = [1] });
        other.Flush(Patience);
        await using (var sink = topic.Sink(KafkaDelivery.ExactlyOnce, cluster: "second"))
        {
            // Of another name, so that it need not read behind the open transaction to begin; its progress lies behind it.
            other.Flush(Patience);
            var opening = sink.OpenAsync(0, Token).AsTask();
            Assert.NotSame(opening, await Task.WhenAny(opening, Task.Delay(TimeSpan.FromSeconds(2), Token)));
            other.CommitTransaction(Patience);
            await using var writer = await opening.WaitAsync(Patience, Token);
            Assert.Null(writer.Confirmed);
        }
    }

    [Fact]
    public async Task TwoClusters_ShareATopicWithoutDisturbingEachOther()
    {
        var topic = await TopicAsync();
        await using (var one = topic.Sink(KafkaDelivery.ExactlyOnce, cluster: "one"))
        await using (var two = topic.Sink(KafkaDelivery.ExactlyOnce, cluster: "two"))
        {
            await ATopic.WriteAllAsync(one, [ATopic.Batch(0, 10, "of one")]);
            await ATopic.WriteAllAsync(two, [ATopic.Batch(0, 3, "of two")]);
        }

        await using var again = topic.Sink(KafkaDelivery.ExactlyOnce, cluster: "one");
        await using var writer = await again.OpenAsync(0, Token);

        Assert.Equal(10, writer.Confirmed?.Offset);
        Assert.Equal(["of one", "of two"], topic.ReadValues());
    }

    [Fact]
    public async Task ProgressTopicWithTooFewPartitions_IsNamed()
    {
        var topic = await TopicAsync();
        await topic.CreateAsync(1, topic.ProgressName);
        await using var sink = topic.Sink(KafkaDelivery.ExactlyOnce, queues: 4);

        var exception = await Assert.ThrowsAsync<SinkUnavailableException>(async () => await sink.OpenAsync(0, Token));

        Assert.Contains(topic.ProgressName, exception.Message, StringComparison.Ordinal);
        Assert.Contains("4 queues", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProgressOfALaterRelease_StopsInsteadOfWritingAgain()
    {
        var topic = await TopicAsync();
        await using (var sink = topic.Sink(KafkaDelivery.ExactlyOnce))
            await ATopic.WriteAllAsync(sink, [ATopic.Batch(0, 1, "a")]);
        using (var later = topic.TransactionalProducer("later"))
        {
            later.BeginTransaction();
            later.Produce(new TopicPartition(topic.ProgressName, 0), new Message<byte[], byte[]> { Key = topic.ProgressKeyOf(0), Value = [2, 0, 0] });
            later.CommitTransaction(Patience);
        }

        await using var after = topic.Sink(KafkaDelivery.ExactlyOnce);

        await Assert.ThrowsAsync<SinkUnavailableException>(async () => await after.OpenAsync(0, Token));
    }

    private static async Task<WriteReceipt> WriteAsync(ISinkWriter writer, RecordBatch batch) =>
        await (await writer.WriteAsync(batch, Token)).WaitAsync(Patience, Token);

    private async Task<ATopic> TopicAsync() => await new ATopic((await kafka.BrokerAsync()).Bootstrap).CreateAsync();
}
