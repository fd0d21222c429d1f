using Divolte.Grains.Interfaces.Configuration;

namespace Divolte.Grains.Sinks;

/// <summary>Opens the destination of a sink, by the type of its options.</summary>
internal delegate ISink OpenSink(SinkOptions options);

/// <summary>The sinks of this process: name → destination, made at first use and shared by its queues.</summary>
internal sealed class SinkCatalog(DivolteConfiguration configuration, OpenSink open) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ISink> _sinks = new(StringComparer.Ordinal);

    /// <summary>The active sinks: see <see cref="ActiveOf"/>.</summary>
    public IReadOnlyList<SinkOptions> Active { get; } = ActiveOf(configuration);

    /// <summary>The sinks that are opened: a mapping feeds them, and their type is enabled. In declaration order.</summary>
    public static IReadOnlyList<SinkOptions> ActiveOf(DivolteConfiguration configuration)
    {
        var fed = configuration.Mappings.SelectMany(mapping => mapping.Sinks).ToHashSet(StringComparer.Ordinal);
        return [.. configuration.Sinks.Where(sink => fed.Contains(sink.Name) && IsEnabled(sink, configuration.Global))];
    }

    /// <exception cref="KeyNotFoundException">No active sink has this name.</exception>
    public ISink Get(string name)
    {
        lock (_lock)
        {
            if (!_sinks.TryGetValue(name, out var sink))
                _sinks.Add(name, sink = open(OptionsOf(name)));
            return sink;
        }
    }

    /// <exception cref="KeyNotFoundException">No active sink has this name.</exception>
    public SinkOptions OptionsOf(string name) =>
        Active.FirstOrDefault(options => options.Name == name) ?? throw new KeyNotFoundException($"Sink {name} is not active.");

    public async ValueTask DisposeAsync()
    {
        foreach (var sink in _sinks.Values)
            await sink.DisposeAsync();
        _sinks.Clear();
    }

    private static bool IsEnabled(SinkOptions sink, GlobalOptions global) => sink switch
    {
        HdfsSinkOptions => global.Hdfs.IsEnabled,
        KafkaSinkOptions => global.Kafka.IsEnabled,
        GcsSinkOptions => global.Gcs.IsEnabled,
        PubSubSinkOptions => global.Gcps.IsEnabled,
        _ => false,
    };
}
