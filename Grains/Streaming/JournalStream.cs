using System.Globalization;
using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>
/// Names: each sink has its own stream provider, so that one that is down holds up no other; each of its queues carries one stream,
/// and the grain with the stream's key takes it.
/// </summary>
internal static class JournalStream
{
    /// <summary>Namespace of the streams: what the sink grain subscribes to by its type alone.</summary>
    public const string Namespace = "divolte.sink";

    private const string ProviderPrefix = "divolte-sink-";

    public static string ProviderOf(string sink) => ProviderPrefix + sink;

    /// <summary>Key of the stream and of the grain that takes it.</summary>
    public static string KeyOf(string sink, int queue) => string.Create(CultureInfo.InvariantCulture, $"{sink}/{queue}");

    public static StreamId StreamOf(string sink, int queue) => StreamId.Create(Namespace, KeyOf(sink, queue));

    /// <summary>Sink and queue of a key made by <see cref="KeyOf"/>.</summary>
    public static (string Sink, int Queue) Parse(string key)
    {
        var slash = key.LastIndexOf('/');
        if (slash < 0 || !int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var queue))
            throw new ArgumentException($"'{key}' does not name a sink and a queue.", nameof(key));
        return (key[..slash], queue);
    }

    public static QueueId QueueOf(string sink, int queue) => QueueId.GetQueueId(ProviderOf(sink), (uint)queue, (uint)queue);
}
