using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Kafka;
using Xunit;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Tests.Sinks.Kafka;

/// <summary>The way into the C library without a broker. What arrives at one is tested with the sink.</summary>
public sealed class TopicProducerTests
{
    private readonly ConcurrentQueue<(string Client, string Text)> _log = new();

    [Fact]
    public void ValueThatTheClientRefuses_IsNamed()
    {
        var exception = Assert.Throws<KafkaException>(() => Producer(("compression.type", "none of these")));

        Assert.Contains("none of these", exception.Error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void PropertiesThatContradictEachOther_AreRefused()
    {
        var exception = Assert.Throws<KafkaException>(() => Producer(("security.protocol", "ssl"), ("ssl.ca.location", "/no/such/file")));

        Assert.NotEqual("", exception.Error.Reason);
    }

    [Fact]
    public void TopicThatTheClientRefuses_MakesNoProducer() =>
        Assert.Equal(ErrorCode.Local_InvalidArg, Assert.Throws<KafkaException>(() => Producer(new string('t', 513))).Error.Code);

    [Fact]
    public async Task BrokerThatIsAway_IsLoggedUnderTheNameOfTheClient()
    {
        using var producer = Producer(("client.id", "mine"));

        await UntilAsync(() => _log.Any(line => line.Text.Contains("127.0.0.1:1", StringComparison.Ordinal)));

        Assert.All(_log, line => Assert.StartsWith("mine#producer-", line.Client, StringComparison.Ordinal));
        Assert.Null(producer.Fatal);
    }

    [Fact]
    public async Task FatalError_IsKnownAndFailsWhatIsHeld()
    {
        using var producer = Producer();
        using var batch = Batch("a", "b");
        var delivery = producer.Begin(2);
        Assert.Equal(2, producer.Produce(batch, 0, KafkaMode.Naked, delivery, out var error));
        Assert.False(error.IsError);
        delivery.HandOverEnded(0, null);

        Fail(HandleOf(producer), (int)ErrorCode.OutOfOrderSequenceNumber, "for the test");
        await UntilAsync(() => producer.Fatal is not null);

        Assert.Contains("for the test", producer.Fatal, StringComparison.Ordinal);
        Assert.Equal(0, producer.Produce(batch, 0, KafkaMode.Naked, producer.Begin(2), out error));
        Assert.Equal(WriteStatus.TryLater, KafkaErrors.StatusOf(error));
    }

    [Fact]
    public async Task FullClient_SaysSoAndTakesNoMore()
    {
        await using var producer = Producer(("queue.buffering.max.messages", "2"));
        using var batch = Batch("a", "b", "c");
        var delivery = producer.Begin(3);

        Assert.Equal(2, producer.Produce(batch, 0, KafkaMode.Naked, delivery, out var error));

        Assert.Equal(ErrorCode.Local_QueueFull, error.Code);
        Assert.Equal(3, producer.Queued);
        delivery.HandOverEnded(1, "full");
    }

    [Fact]
    public async Task Closed_EndsWhatIsUnderWayAndTakesNothing()
    {
        var producer = Producer();
        using var batch = Batch("a");
        var delivery = producer.Begin(1);
        Assert.Equal(1, producer.Produce(batch, 0, KafkaMode.Naked, delivery, out _));
        delivery.HandOverEnded(0, null);

        await producer.DisposeAsync();

        Assert.Equal(WriteStatus.TryLater, (await delivery.Outcome).Status);
        var late = producer.Begin(1);
        Assert.Equal(WriteStatus.TryLater, (await late.Outcome).Status);
        Assert.Equal(0, producer.Produce(batch, 0, KafkaMode.Naked, late, out var error));
        Assert.Equal(ErrorCode.Local_Destroy, error.Code);
        Assert.Equal(0, producer.Queued);
    }

    private TopicProducer Producer(params (string Name, string Value)[] properties) => Producer("topic", properties);

    private TopicProducer Producer(string topic, params (string Name, string Value)[] properties)
    {
        var given = new Dictionary<string, string>(new KafkaOptions().Producer) { ["bootstrap.servers"] = "127.0.0.1:1" };
        foreach (var (name, value) in properties)
            given[name] = value;
        return new TopicProducer(topic, KafkaProducerSettings.From(given, KafkaDelivery.AtLeastOnce), (client, text) => _log.Enqueue((client, text)));
    }

    private static RecordBatch Batch(params string[] values)
    {
        var batch = new RecordBatch { Queue = 0 };
        foreach (var value in values)
        {
            var offset = batch.Buffer.Length;
            Encoding.UTF8.GetBytes(value, batch.Buffer.Append(value.Length));
            batch.Add(new MappedRecord(null!, 1, offset, value.Length, offset, value.Length)); // its own key; only framed values ask for the schema
        }
        return batch;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 1000, "It did not come in ten seconds.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The library's own way to have a fatal error.</summary>
    private static unsafe void Fail(nint producer, int code, string reason)
    {
        var file = File.ReadLines("/proc/self/maps").First(line => line.Contains("librdkafka", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];
        var fail = (delegate* unmanaged[Cdecl]<nint, int, byte*, int>)NativeLibrary.GetExport(NativeLibrary.Load(file), "rd_kafka_test_fatal_error");
        fixed (byte* text = Encoding.UTF8.GetBytes(reason + '\0'))
            Assert.Equal(0, fail(producer, code, text));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_producer")]
    private static extern ref readonly nint HandleOf(TopicProducer producer);
}
