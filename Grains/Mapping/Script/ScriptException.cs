namespace Divolte.Grains.Mapping.Script;

/// <summary>A mistake in a mapping script. The message names file, line and column and shows the line with a caret.</summary>
/// <param name="message">Everything.</param>
/// <param name="problem">The mistake alone, without the place.</param>
/// <param name="line">Line, from 1.</param>
/// <param name="column">Column, from 1.</param>
internal sealed class ScriptException(string message, string problem, int line, int column) : MappingException(message)
{
    public string Problem { get; } = problem;

    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>Whether the script ran out of its allowance; a script cannot catch that.</summary>
    public bool IsFinal { get; init; }
}
