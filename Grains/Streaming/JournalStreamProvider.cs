using System.Collections.Concurrent;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>
/// One sink's way from the journal: an Orleans persistent stream provider that reads only, from where the sink wants to go on.
/// Made once per sink; its pieces for one queue share a <see cref="JournalWindow"/>.
/// </summary>
internal sealed class JournalStreamProvider(
    string sink,
    IJournal journal,
    ReadQueue read,
    JournalWindows windows,
    IGrainFactory grains,
    SiloAddress here,
    TimeProvider time,
    ILoggerFactory loggers) : IQueueAdapterFactory, IQueueAdapter, IQueueAdapterCache
{
    private readonly ConcurrentDictionary<QueueId, JournalWindow> _opened = new();

    public string Name => JournalStream.ProviderOf(sink);

    public bool IsRewindable => true;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadOnly;

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(this);

    public IQueueAdapterCache GetQueueAdapterCache() => this;

    public IStreamQueueMapper GetStreamQueueMapper() => new JournalQueueMapper(sink, journal.Parameters.Queues);

    /// <summary>A delivery is tried until it succeeds, so this is never asked to do anything.</summary>
    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler());

    /// <summary>The agent asks for the cache first, then for the receiver.</summary>
    public IQueueCache CreateQueueCache(QueueId queueId) =>
        new JournalQueueCache(_opened[queueId] = windows.Open(sink, (int)queueId.GetNumericId()));

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId)
    {
        var queue = (int)queueId.GetNumericId();
        var consumer = grains.GetGrain<IQueueConsumerGrain>(JournalStream.KeyOf(sink, queue));
        return new JournalReceiver(sink, queue, journal, read, _opened[queueId], windows, consumer, here, time, loggers.CreateLogger<JournalReceiver>());
    }

    public Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext) =>
        throw new NotSupportedException("Events reach the journal through a shard only.");
}
