namespace Divolte.Grains.Schemas;

/// <summary>The schema of one mapping, as the sinks see it. One instance per mapping.</summary>
/// <param name="Mapping">Name of the mapping.</param>
/// <param name="Json">The schema as JSON without extra white space: what file headers carry.</param>
/// <param name="ConfluentId">Identifier in a schema registry; null when there is none.</param>
internal sealed record MappingSchema(string Mapping, string Json, int? ConfluentId);
