using Divolte.Grains.Journal;
using Orleans;

namespace Divolte.Grains.Streaming;

/// <summary>Whoever takes the stream of one queue: what the reader of the queue asks it for. Its key is <see cref="JournalStream.KeyOf"/>.</summary>
[Alias("divolte.queue-consumer")]
internal interface IQueueConsumerGrain : IGrainWithStringKey
{
    /// <summary>Starts the consumer if need be, and says behind which position it wants to read on; everything before it is confirmed.</summary>
    [Alias("attach")]
    Task<QueueStart> AttachAsync();

    /// <summary>The reader has moved to another silo or stops: finish what is under way, so that the consumer can follow it.</summary>
    [Alias("let-go")]
    Task LetGoAsync();
}

/// <summary>Where reading starts.</summary>
/// <param name="IsReady">False when the consumer cannot say now: ask again later.</param>
/// <param name="Incarnation">See <see cref="JournalPosition.Incarnation"/>.</param>
/// <param name="Offset">See <see cref="JournalPosition.Offset"/>.</param>
[GenerateSerializer, Immutable, Alias("divolte.queue-start")]
internal readonly record struct QueueStart([property: Id(0)] bool IsReady, [property: Id(1)] long Incarnation, [property: Id(2)] long Offset)
{
    public JournalPosition Position => new(Incarnation, Offset);

    public static QueueStart At(JournalPosition position) => new(true, position.Incarnation, position.Offset);
}
