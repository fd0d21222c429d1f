using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>One name and value of a query.</summary>
internal readonly record struct QueryParameter(TextSlice Name, TextSlice Value);
