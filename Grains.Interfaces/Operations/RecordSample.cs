using Orleans;

namespace Divolte.Grains.Interfaces.Operations;

/// <summary>One mapped record, for somebody who watches. Holds what visitors sent: mask it before it is shown.</summary>
/// <param name="Sink">Name of the sink that it went to.</param>
/// <param name="Mapping">Name of the mapping that made it.</param>
/// <param name="Schema">Its Avro schema, as JSON.</param>
/// <param name="Value">The record in Avro's binary encoding, without framing.</param>
/// <param name="RequestedAt">When the request arrived.</param>
[GenerateSerializer, Immutable, Alias("divolte.record-sample")]
public sealed record RecordSample(
    [property: Id(0)] string Sink,
    [property: Id(1)] string Mapping,
    [property: Id(2)] string Schema,
    [property: Id(3)] byte[] Value,
    [property: Id(4)] DateTimeOffset RequestedAt);
