using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;
using Divolte.TestKit.Processes;
using Xunit;

namespace Divolte.Integration.Tests.Sinks.Kafka;

/// <summary>A broker that is killed, hangs, or does not know the topic yet. Each test has a broker of its own.</summary>
[Trait("Needs", "Kafka")]
[Trait("Duration", "Long")]
public sealed class KafkaOutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private KafkaBroker _broker = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await KafkaBroker.StartOrSkipAsync(Token, ownBroker: true);

    public ValueTask DisposeAsync()
    {
        _broker?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    public async Task BrokerKilledWhileRecordsAreWritten_EveryRecordIsThereOnceAndInOrder(KafkaDelivery delivery)
    {
        var topic = await new ATopic(_broker.Bootstrap).CreateAsync();
        var batches = BatchesOf(20);
        await using var sink = topic.Sink(delivery);
        await ATopic.WriteAllAsync(sink, batches[..5]);

        _broker.Kill();
        var writing = ATopic.WriteAllAsync(sink, batches);
        await Task.Delay(TimeSpan.FromSeconds(2), Token);
        Assert.False(writing.IsCompleted);
        _broker.Restart();
        await writing;

        // At least once, the first five are written a second time because this writer keeps no progress; exactly once, they are not.
        var expected = delivery == KafkaDelivery.ExactlyOnce ? IdsOf(batches) : [.. IdsOf(batches[..5]), .. IdsOf(batches)];
        Assert.Equal(expected, topic.ReadValues());
    }

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    public async Task BrokerThatHangs_IsWaitedFor(KafkaDelivery delivery)
    {
        var topic = await new ATopic(_broker.Bootstrap).CreateAsync();
        var batches = BatchesOf(10);
        await using var sink = topic.Sink(delivery);
        await using (var warm = await sink.OpenAsync(1, Token))
            await (await warm.WriteAsync(ATopic.Batch(1, 1), Token));

        _broker.Pause();
        var writing = ATopic.WriteAllAsync(sink, batches);
        await Task.Delay(TimeSpan.FromSeconds(3), Token);
        Assert.False(writing.IsCompleted);
        _broker.Resume();
        await writing;

        Assert.Equal(IdsOf(batches), topic.ReadValues());
    }

    [Theory]
    [InlineData(KafkaDelivery.AtLeastOnce)]
    [InlineData(KafkaDelivery.ExactlyOnce)]
    public async Task TopicThatIsMadeLate_GetsItsRecords(KafkaDelivery delivery)
    {
        var topic = new ATopic(_broker.Bootstrap);
        var batches = BatchesOf(3);
        await using var sink = topic.Sink(delivery);
        var writing = ATopic.WriteAllAsync(sink, batches);
        await Task.Delay(TimeSpan.FromSeconds(2), Token);
        Assert.False(writing.IsCompleted);

        await topic.CreateAsync();
        await writing;

        Assert.Equal(IdsOf(batches), topic.ReadValues().Distinct());
    }

    [Fact]
    public async Task BrokerAwayAtTheStart_IsSaidAtOnceOrWaitedFor()
    {
        var topic = await new ATopic(_broker.Bootstrap).CreateAsync();
        _broker.Kill();

        await using var atLeastOnce = topic.Sink(KafkaDelivery.AtLeastOnce);
        await using var writer = await atLeastOnce.OpenAsync(0, Token); // needs no broker

        await using var exactlyOnce = topic.Sink(KafkaDelivery.ExactlyOnce);
        var exception = await Assert.ThrowsAsync<SinkUnavailableException>(async () => await exactlyOnce.OpenAsync(0, Token));
        Assert.NotEqual("", exception.Message);
    }

    [Fact]
    public async Task StopWhileTheBrokerIsAway_EndsEveryOutcomeInTime()
    {
        var topic = await new ATopic(_broker.Bootstrap).CreateAsync();
        var sink = topic.Sink(KafkaDelivery.AtLeastOnce);
        var writer = await sink.OpenAsync(0, Token);
        _broker.Kill();
        var receipt = await writer.WriteAsync(ATopic.Batch(0, 1, "a", "b"), Token);
        Assert.Equal(2, ((KafkaSink)sink).Queued);

        await sink.DisposeAsync().AsTask().WaitAsync(Patience, Token);

        Assert.Equal(WriteStatus.TryLater, (await receipt.WaitAsync(Patience, Token)).Status);
        Assert.Equal(WriteStatus.TryLater, (await (await writer.WriteAsync(ATopic.Batch(0, 2, "c"), Token)).WaitAsync(Patience, Token)).Status);
    }

    [Fact]
    public async Task FullClient_HoldsTheCallerUntilThereIsRoom()
    {
        var topic = await new ATopic(_broker.Bootstrap).CreateAsync();
        await using var sink = topic.Sink(KafkaDelivery.AtLeastOnce, producer: ("buffer.memory", "102400"));
        await using var writer = await sink.OpenAsync(0, Token);
        await (await writer.WriteAsync(ATopic.Batch(0, 1, "first"), Token)).WaitAsync(Patience, Token);
        _broker.Pause();
        var batches = Enumerable.Range(0, 20).Select(number => ATopic.Batch(0, number + 2, [.. Enumerable.Range(0, 10).Select(record => $"{number}-{record}-{new string('x', 1000)}")])).ToArray();

        var handOver = HandOverAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        Assert.False(handOver.IsCompleted);
        Assert.InRange(((KafkaSink)sink).Queued, 1, 110);
        _broker.Resume();
        foreach (var receipt in await handOver.WaitAsync(Patience, Token))
            Assert.Equal(WriteStatus.Written, (await receipt.WaitAsync(Patience, Token)).Status);

        Assert.Equal(201, topic.ReadValues().Count);

        async Task<List<Task<WriteReceipt>>> HandOverAsync()
        {
            var receipts = new List<Task<WriteReceipt>>();
            foreach (var batch in batches)
                receipts.Add(await writer.WriteAsync(batch, Token));
            return receipts;
        }
    }

    private static RecordBatch[] BatchesOf(int count) =>
        [.. Enumerable.Range(0, count).Select(batch => ATopic.Batch(0, batch + 1, [.. Enumerable.Range(0, 10).Select(record => $"{batch}-{record}")]))];

    private static string[] IdsOf(RecordBatch[] batches) =>
        [.. batches.SelectMany(batch => batch.Records.Select(record => System.Text.Encoding.UTF8.GetString(batch.ValueOf(record))))];
}
