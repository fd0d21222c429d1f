using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks;

/// <summary>One destination. Made once per process and shared by its queues; all implementations pass one compliance suite.</summary>
internal interface ISink : IAsyncDisposable
{
    /// <summary>Name in the configuration.</summary>
    string Name { get; }

    /// <summary>Opens the way of one queue. What an earlier process left half written is finished or taken back here.</summary>
    /// <param name="queue">Number of the queue.</param>
    /// <param name="cancellationToken">Ends the try; the sink stays usable.</param>
    /// <exception cref="SinkUnavailableException">The destination is away; worth another try later.</exception>
    ValueTask<ISinkWriter> OpenAsync(int queue, CancellationToken cancellationToken);
}

/// <summary>One queue's way into a destination. For one caller at a time.</summary>
internal interface ISinkWriter : IAsyncDisposable
{
    /// <summary>
    /// How far the destination itself says that this queue is confirmed, when it keeps that together with the records (files, Kafka transactions);
    /// null when the journal's progress is all there is. Entries at or before it must not be written again.
    /// </summary>
    JournalPosition? Confirmed { get; }

    /// <summary>
    /// Takes a batch, in order. The call returns when there is room for more (back-pressure); the task that it returns ends when every record of the
    /// batch has its final outcome in the destination, and never throws for trouble with the destination.
    /// </summary>
    /// <remarks>
    /// Batches are confirmed in order. When the outcome is <see cref="WriteStatus.TryLater"/> for a batch, all later batches that were taken end the same
    /// way, and nothing of them is confirmed; the caller pauses and writes them again in order, or opens a new writer.
    /// </remarks>
    ValueTask<Task<WriteReceipt>> WriteAsync(RecordBatch batch, CancellationToken cancellationToken);

    /// <summary>Asks for the outcomes of everything taken so far as soon as possible, for example at a graceful stop.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}

/// <summary>The destination is away, an ordinary day: try again later.</summary>
internal sealed class SinkUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
