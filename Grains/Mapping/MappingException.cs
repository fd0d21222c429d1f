namespace Divolte.Grains.Mapping;

/// <summary>A mapping that cannot be used, found at start: a script with a mistake, or one that does not fit its schema.</summary>
internal class MappingException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Every mistake that was found, each with its place; at least one.</summary>
    public virtual IReadOnlyList<string> Mistakes => [Message];
}
