using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Sinks;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>A broker that crashes over and over in the middle of commits, at seeded moments: whatever it remembers of its transactions, every record comes once.</summary>
[Trait("Needs", "Kafka")]
[Trait("Duration", "Long")]
public sealed class BrokerCrashTests(ITestOutputHelper output)
{
    private const int Queues = 2;
    private const int BatchesPerRound = 60;
    private const int Rounds = 8;

    [Fact]
    public async Task BrokerKilledInTheMiddleOfCommits_EveryRecordIsThereOnce()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DIVOLTE_TEST_SEED"), out var given) ? given : Random.Shared.Next(1, 1_000_000);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var broker = await KafkaBroker.StartOrSkipAsync(TestContext.Current.CancellationToken, ownBroker: true);
        var topic = await new ATopic(broker.Bootstrap).CreateAsync();
        await using var sink = topic.Sink(KafkaDelivery.ExactlyOnce, queues: Queues);
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            var writing = Task.WhenAll(Enumerable.Range(0, Queues).Select(queue => WriteAsync(sink, queue, round)));
            await Task.Delay(random.Next(0, 600), TestContext.Current.CancellationToken);
            broker.Kill();
            output.WriteLine($"round {round}: killed after {clock.ElapsedMilliseconds} ms, writing {(writing.IsCompleted ? "done" : "under way")}");
            broker.Restart();
            await writing;
            output.WriteLine($"round {round}: all confirmed after {clock.ElapsedMilliseconds} ms");
        }

        var values = topic.ReadValues();
        Assert.Equal(Queues * Rounds * BatchesPerRound * 5, values.Count);
        Assert.Equal(values.Count, values.Distinct().Count());
        for (var queue = 0; queue < Queues; queue++)
        {
            var own = values.Where(value => value.StartsWith($"{queue}/", StringComparison.Ordinal)).Select(value => int.Parse(value[2..], CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(own.Order(), own);
        }
    }

    /// <summary>
    /// The coordinator has lost what it knew, so nobody ends the transaction that was open: readers of committed messages, the sink's own progress among
    /// them, stand before it until an operator aborts it, by the commands that the documentation gives.
    /// </summary>
    [Fact]
    public async Task TransactionThatTheBrokerForgot_IsWaitedForUntilAnOperatorAbortsIt()
    {
        using var broker = await KafkaBroker.StartOrSkipAsync(TestContext.Current.CancellationToken, ownBroker: true);
        var topic = await new ATopic(broker.Bootstrap).CreateAsync();
        var first = BatchesOf(0);
        await using (var before = topic.Sink(KafkaDelivery.ExactlyOnce, queues: Queues))
            await ATopic.WriteAllAsync(before, first);
        using (var dead = topic.TransactionalProducer(topic.TransactionalIdOf(0)))
        {
            dead.BeginTransaction();
            dead.Produce(topic.Name, new Message<byte[], byte[]> { Key = "0:party"u8.ToArray(), Value = "of the dead"u8.ToArray() });
            dead.Produce(new TopicPartition(topic.ProgressName, 0), new Message<byte[], byte[]> { Key = topic.ProgressKeyOf(0), Value = [1] });
            dead.Flush(TimeSpan.FromSeconds(60));
            broker.Kill();
        }
        broker.ForgetTransactions();
        broker.Restart();

        await using var sink = topic.Sink(KafkaDelivery.ExactlyOnce, queues: Queues);
        var second = BatchesOf(1);
        var writing = ATopic.WriteAllAsync(sink, second);
        Assert.NotSame(writing, await Task.WhenAny(writing, Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken)));
        foreach (var name in new[] { topic.ProgressName, topic.Name })
            AbortHanging(broker, name);
        await writing;

        Assert.Equal([.. ValuesOf(first), .. ValuesOf(second)], topic.ReadValues());
    }

    /// <summary>Aborts the transaction that is open in partition 0, by what <c>describe-producers</c> says of its start.</summary>
    private void AbortHanging(KafkaBroker broker, string topic)
    {
        var described = broker.Tool("transactions", "describe-producers", "--topic", topic, "--partition", "0");
        output.WriteLine(described);
        // The table's columns: ProducerId ProducerEpoch LatestCoordinatorEpoch LastSequence LastTimestamp CurrentTransactionStartOffset
        // The oldest that is open is the forgotten one; the sink may be about to end what it could have left open itself.
        var start = described.Split('\n').Skip(1).Select(line => line.Split('\t', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length >= 6 && columns[5] != "None").MinBy(columns => long.Parse(columns[5], CultureInfo.InvariantCulture))![5];
        broker.Tool("transactions", "abort", "--topic", topic, "--partition", "0", "--start-offset", start);
    }

    private static RecordBatch[] BatchesOf(int round) =>
        [.. Enumerable.Range(round * 3, 3).Select(batch => ATopic.Batch(0, batch + 1, [.. Enumerable.Range(0, 5).Select(record => $"0/{batch * 5 + record}")]))];

    private static IEnumerable<string> ValuesOf(RecordBatch[] batches) =>
        batches.SelectMany(batch => batch.Records.Select(record => System.Text.Encoding.UTF8.GetString(batch.ValueOf(record))));

    private static Task<IReadOnlyList<RefusedRecord>> WriteAsync(ISink sink, int queue, int round) => ATopic.WriteAllAsync(sink,
        [.. Enumerable.Range(round * BatchesPerRound, BatchesPerRound).Select(batch => ATopic.Batch(queue, batch + 1, [.. Enumerable.Range(0, 5).Select(record => $"{queue}/{batch * 5 + record}")]))]);
}
