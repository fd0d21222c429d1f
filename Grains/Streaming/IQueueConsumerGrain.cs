using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Journal;
using Orleans;
using Orleans.CodeGeneration;
using Orleans.Runtime;

namespace Divolte.Grains.Streaming;

/// <summary>Whoever takes the stream of one queue: what the reader of the queue asks it for. Its key is <see cref="JournalStream.KeyOf"/>.</summary>
[Alias("divolte.queue-consumer"), Version(GridFormat.Latest)]
internal interface IQueueConsumerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Starts the consumer if need be, and says behind which position it wants to read on; everything before it is confirmed. A consumer that is not on its
    /// reader's silo moves there soon. Asked again now and then, so that a consumer whose silo is gone starts although nothing arrives for it.
    /// </summary>
    /// <param name="reader">The silo that reads the queue.</param>
    [Alias("attach")]
    Task<QueueStart> AttachAsync(SiloAddress reader);
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
