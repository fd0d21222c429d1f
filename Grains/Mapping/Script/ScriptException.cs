namespace Divolte.Grains.Mapping.Script;

/// <summary>Mistakes in a mapping script. The message names file, line and column of each and shows the line with a caret.</summary>
internal sealed class ScriptException : MappingException
{
    /// <param name="message">Everything.</param>
    /// <param name="problem">The mistake alone, without the place.</param>
    /// <param name="line">Line, from 1.</param>
    /// <param name="column">Column, from 1.</param>
    public ScriptException(string message, string problem, int line, int column) : base(message)
    {
        Problem = problem;
        Line = line;
        Column = column;
    }

    private ScriptException(IReadOnlyList<ScriptException> mistakes) : base(mistakes.Select(mistake => mistake.Message).ToList())
    {
        Problem = mistakes[0].Problem;
        Line = mistakes[0].Line;
        Column = mistakes[0].Column;
    }

    /// <summary>The first mistake alone, without the place.</summary>
    public string Problem { get; }

    /// <summary>Line of the first mistake.</summary>
    public int Line { get; }

    /// <summary>Column of the first mistake.</summary>
    public int Column { get; }

    /// <summary>Whether the script ran out of its allowance; a script cannot catch that.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Whether it only comes from an earlier mistake, and is not worth telling.</summary>
    public bool IsConsequence { get; init; }

    /// <summary>One for all mistakes of a script, in the order of the text.</summary>
    /// <param name="mistakes">At least one.</param>
    public static ScriptException Of(IReadOnlyList<ScriptException> mistakes) =>
        mistakes.Count == 1 ? mistakes[0] : new ScriptException(mistakes.OrderBy(mistake => (mistake.Line, mistake.Column)).ToList());
}
