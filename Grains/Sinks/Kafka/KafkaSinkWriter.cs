using Confluent.Kafka;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Divolte.Grains.Sinks.Kafka;

/// <summary>One queue's way to the topic, through the producer that all queues share.</summary>
internal sealed class KafkaSinkWriter(TopicProducer producer, KafkaSinkOptions options, TimeProvider time) : ISinkWriter
{
    /// <summary>How often a full client is asked again; it sends thousands of records in that time.</summary>
    private static readonly TimeSpan RoomPause = TimeSpan.FromMilliseconds(5);

    private Task<WriteReceipt> _last = Task.FromResult(WriteReceipt.AllWritten);

    public JournalPosition? Confirmed => null;

    public async ValueTask<Task<WriteReceipt>> WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        var delivery = producer.Begin(batch.Records.Count);
        var next = 0;
        string? trouble = null;
        try
        {
            while (next < batch.Records.Count && trouble is null)
            {
                next = producer.Produce(batch, next, options.Mode, delivery, out var error);
                if (!error.IsError)
                    break;
                if (error.Code == ErrorCode.Local_QueueFull)
                    await Task.Delay(RoomPause, time, cancellationToken);
                else if (KafkaErrors.StatusOf(error) == WriteStatus.Refused)
                    delivery.Report(next++, error);
                else
                    trouble = error.Reason;
            }
        }
        finally
        {
            delivery.HandOverEnded(batch.Records.Count - next, trouble ?? (next < batch.Records.Count ? "the hand-over was cut short" : null));
        }
        return _last = BehindAsync(_last, delivery.Outcome);
    }

    /// <summary>Nothing waits here: the client sends by itself.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A batch behind one that is to be tried later is tried later too, or it would overtake.</summary>
    private static async Task<WriteReceipt> BehindAsync(Task<WriteReceipt> before, Task<WriteReceipt> own)
    {
        var earlier = await before;
        var receipt = await own;
        return earlier.Status == WriteStatus.TryLater ? WriteReceipt.TryLater(earlier.Reason) : receipt;
    }
}
