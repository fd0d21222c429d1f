using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>One mapping: event → Avro record, or the reason why there is none.</summary>
internal sealed class EventMapper
{
    /// <summary>Name and schema of the mapping, as the sinks see it.</summary>
    public MappingSchema Schema => throw new NotImplementedException();

    /// <summary>Whether the mapping lists this source (UTF-8 name).</summary>
    public bool Takes(ReadOnlySpan<byte> source) => throw new NotImplementedException();

    /// <summary>Maps one event and appends the Avro binary to the output; appends nothing when there is no record. Never throws for what an event holds.</summary>
    public MapOutcome Map(in EventFrameReader frame, FrameBuffer output) => throw new NotImplementedException();
}
