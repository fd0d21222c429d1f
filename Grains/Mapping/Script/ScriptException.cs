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

    /// <summary>Whether it only comes from an earlier mistake, and is not worth telling.</summary>
    public bool IsConsequence { get; init; }

    public override IReadOnlyList<string> Mistakes => _mistakes ?? base.Mistakes;

    private readonly IReadOnlyList<string>? _mistakes;

    private ScriptException(string message, ScriptException first, IReadOnlyList<string> mistakes) : this(message, first.Problem, first.Line, first.Column) =>
        _mistakes = mistakes;

    /// <summary>One for all mistakes of a script, in the order of the text.</summary>
    /// <param name="mistakes">At least one.</param>
    public static ScriptException Of(IReadOnlyList<ScriptException> mistakes)
    {
        if (mistakes.Count == 1)
            return mistakes[0];
        var ordered = mistakes.OrderBy(mistake => (mistake.Line, mistake.Column)).ToList();
        var messages = ordered.ConvertAll(mistake => mistake.Message);
        return new ScriptException(string.Join(Environment.NewLine, messages), ordered[0], messages);
    }
}
