using Divolte.Grains.Mapping.Patterns;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Regular expressions in scripts.</summary>
internal static class ScriptPatterns
{
    /// <summary>Whether the whole text matches.</summary>
    public static bool MatchesAll(ScriptEvaluator evaluator, ScriptPosition position, string expression, string text) =>
        Compile(evaluator, position, expression).IsFullMatch(text);

    /// <summary>What a pattern takes of the allowance for memory, so that scripts cannot compile without end.</summary>
    private const int Size = 1000;

    /// <summary>All matches: texts, or of a pattern with groups lists of the whole match and its groups.</summary>
    public static ScriptList FindAll(ScriptEvaluator evaluator, ScriptPosition position, string expression, string text)
    {
        var pattern = Compile(evaluator, position, expression);
        var found = new ScriptList([]);
        foreach (var match in pattern.FindAll(text))
        {
            evaluator.Charge(position, 1 + match.Length);
            var groups = match.Groups.Values.Select(group => (object?)(group.Success ? group.Value : null));
            found.Items.Add(pattern.GroupCount == 0 ? match.Value : new ScriptList(groups.ToList()));
        }
        return found;
    }

    public static JavaPattern Compile(ScriptEvaluator evaluator, ScriptPosition position, string expression)
    {
        evaluator.Charge(position, Size);
        return JavaPattern.TryCompile(expression, out var pattern, out var error)
            ? pattern
            : throw evaluator.ErrorAt(position, $"The regular expression is not valid: {error}");
    }
}
