namespace Divolte.Grains.Schemas;

/// <summary>A schema that cannot be used, found at start. The message names file and field and says what to change.</summary>
internal sealed class SchemaException(string message, Exception? inner = null) : Exception(message, inner);
