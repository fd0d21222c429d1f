namespace Divolte.Grains.Mapping;

/// <summary>All mappings, compiled once at start.</summary>
internal sealed class MappingCatalog
{
    /// <summary>The mappings that feed a sink, in declaration order.</summary>
    public IReadOnlyList<EventMapper> ForSink(string sink) => throw new NotImplementedException();
}
