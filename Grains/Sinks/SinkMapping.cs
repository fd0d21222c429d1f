using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.Grains.Schemas;
using Divolte.Grains.Sinks.Unwritten;

namespace Divolte.Grains.Sinks;

/// <summary>Maps one event and appends the Avro binary to the output; see <see cref="EventMapper.Map"/>.</summary>
internal delegate MapOutcome MapEvent(in EventFrameReader frame, FrameBuffer output);

/// <summary>Whether a mapping lists this source (UTF-8 name).</summary>
internal delegate bool TakesSource(ReadOnlySpan<byte> source);

/// <summary>One mapping as its sinks use it.</summary>
internal sealed record SinkMapping(MappingSchema Schema, TakesSource Takes, MapEvent Map)
{
    public string Name => Schema.Mapping;

    /// <summary>A mapping as one sink uses it: it also takes the dead letters that are replayed for this sink and mapping.</summary>
    public static SinkMapping Of(string sink, EventMapper mapper)
    {
        var replayed = ReplaySource.PrefixOf(sink, mapper.Schema.Mapping);
        return new(mapper.Schema, source => mapper.Takes(source) || source.StartsWith(replayed), mapper.Map);
    }
}

/// <summary>The mappings that feed a sink, in declaration order.</summary>
internal delegate IReadOnlyList<SinkMapping> MappingsOfSink(string sink);
