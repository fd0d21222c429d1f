namespace Divolte.Grains.Mapping;

/// <summary>A mapping that cannot be used, found at start: a script with a mistake, or one that does not fit its schema.</summary>
internal class MappingException : Exception
{
    private readonly IReadOnlyList<string> _mistakes;

    public MappingException(string message, Exception? inner = null) : base(message, inner) => _mistakes = [message];

    /// <param name="mistakes">All of them, each with its place; at least one.</param>
    public MappingException(IReadOnlyList<string> mistakes) : base(string.Join(Environment.NewLine, mistakes)) => _mistakes = mistakes;

    /// <summary>Every mistake that was found, each with its place; at least one.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;
}
