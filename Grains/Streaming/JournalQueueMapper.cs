using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>The queues of the journal as one sink's stream provider sees them.</summary>
internal sealed class JournalQueueMapper(string sink, int queues) : IStreamQueueMapper
{
    private readonly QueueId[] _queues = [.. Enumerable.Range(0, queues).Select(queue => JournalStream.QueueOf(sink, queue))];

    public IEnumerable<QueueId> GetAllQueues() => _queues;

    public QueueId GetQueueForStream(StreamId streamId) => _queues[JournalStream.Parse(streamId.GetKeyAsString()).Queue];
}
