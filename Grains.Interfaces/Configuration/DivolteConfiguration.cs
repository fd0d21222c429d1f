using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>The whole configuration, immutable: what <c>divolte { … }</c> means after defaults, overrides and implicit objects.</summary>
public sealed record DivolteConfiguration
{
    /// <summary><c>divolte.global</c>.</summary>
    [Setting("global")]
    public GlobalOptions Global { get; init; } = new();

    /// <summary><c>divolte.sources</c> in declaration order; when the block is absent, one browser source named <c>browser</c>.</summary>
    public IReadOnlyList<SourceOptions> Sources { get; init; } = [new BrowserSourceOptions { Name = "browser" }];

    /// <summary>
    /// <c>divolte.sinks</c> in declaration order; when the block is absent: <c>hdfs</c>, <c>kafka</c> and <c>gcps</c>, each of its own type.
    /// Those of a disabled type are parsed and checked, but not opened.
    /// </summary>
    public IReadOnlyList<SinkOptions> Sinks { get; init; } = [];

    /// <summary><c>divolte.mappings</c> in declaration order; when the block is absent, one mapping <c>default</c> of all sources to all sinks.</summary>
    public IReadOnlyList<MappingOptions> Mappings { get; init; } = [];

    /// <summary>Whether sinks of this sink's type are opened.</summary>
    public bool IsEnabled(SinkOptions sink) => sink switch
    {
        HdfsSinkOptions => Global.Hdfs.IsEnabled,
        GcsSinkOptions => Global.Gcs.IsEnabled,
        KafkaSinkOptions => Global.Kafka.IsEnabled,
        PubSubSinkOptions => Global.Gcps.IsEnabled,
        _ => throw new ArgumentOutOfRangeException(nameof(sink), sink.GetType().Name, "unknown type of sink"),
    };

    /// <summary>Whether records reach the sink: its type is enabled and a mapping feeds it.</summary>
    public bool IsWritten(SinkOptions sink) => IsEnabled(sink) && Mappings.Any(mapping => mapping.Sinks.Contains(sink.Name));
}
