using System.Diagnostics.CodeAnalysis;
using Divolte.Grains.Mapping.Json;

namespace Divolte.Grains.Mapping.JsonPaths;

/// <summary>
/// A path into JSON in the dialect of Jayway's JsonPath, which scripts are written in. Definite paths (single members and elements only) give one value or
/// none; all others give an array, empty when nothing matches. What cannot be evaluated matches nothing.
/// </summary>
internal sealed class JsonPath
{
    private readonly PathStep[] _steps;

    internal JsonPath(IReadOnlyList<PathStep> steps, PathFunction function)
    {
        _steps = [.. steps];
        Function = function;
        IsDefinite = IsAllDefinite();
    }

    /// <summary>Whether the path names at most one value.</summary>
    public bool IsDefinite { get; }

    /// <summary>The function at the end, such as <c>max()</c>.</summary>
    public PathFunction Function { get; }

    /// <summary>Compiles a path.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPath? path, [NotNullWhen(false)] out string? error) =>
        JsonPathParser.TryParse(text, out path, out error);

    private bool IsAllDefinite()
    {
        for (var index = 0; index < _steps.Length; index++)
        {
            if (!_steps[index].IsDefinite(isLast: index == _steps.Length - 1))
                return false;
        }
        return true;
    }

    /// <summary>Evaluates the path.</summary>
    /// <param name="root">The node that it starts from.</param>
    /// <param name="mapped">Its event.</param>
    /// <param name="result">The node that it leads to; of an indefinite path an array.</param>
    /// <returns>Whether there is a result.</returns>
    public bool TryEvaluate(int root, in MappedEvent mapped, out int result)
    {
        var run = new PathRun(mapped, root, IsDefinite);
        run.Evaluate(_steps, root);
        result = run.Finish();
        return result >= 0;
    }

    /// <summary>Evaluates the path within a filter.</summary>
    internal int EvaluateWithin(ref PathRun outer, int start)
    {
        var run = new PathRun(outer, IsDefinite);
        run.Evaluate(_steps, start);
        outer.StepsLeft = run.StepsLeft;
        return run.Finish();
    }
}

/// <summary>Functions that Jayway allows at the end of a path. Their results were never mappable; scripts that use them still load.</summary>
internal enum PathFunction : byte
{
    None,

    /// <summary>Of numbers: <c>min</c>, <c>max</c>, <c>avg</c>, <c>sum</c>, <c>stddev</c>.</summary>
    Number,

    /// <summary><c>length</c>.</summary>
    Length,

    /// <summary>All others, which never gave a value.</summary>
    Other,
}

/// <summary>One evaluation.</summary>
internal ref struct PathRun
{
    /// <summary>Values that one evaluation may look at; more count as an error, so that no document makes a path run away.</summary>
    private const int StepsMax = 200_000;

    private readonly MappedEvent _mapped;
    private readonly bool _isDefinite;
    private readonly int _root;
    private int _result;

    public PathRun(in MappedEvent mapped, int root, bool isDefinite)
    {
        _mapped = mapped;
        _root = root;
        _isDefinite = isDefinite;
        _result = isDefinite ? -1 : mapped.Scratch.Json.Add(JsonKind.Array);
        StepsLeft = StepsMax;
    }

    public PathRun(in PathRun outer, bool isDefinite) : this(outer._mapped, outer._root, isDefinite) => StepsLeft = outer.StepsLeft;

    public int StepsLeft { get; set; }

    public readonly MappedEvent Mapped => _mapped;

    public readonly JsonTree Tree => _mapped.Scratch.Json;

    public readonly int Root => _root;

    /// <summary>Applies the steps to a node, of which -1 is a null that stands for nothing.</summary>
    public void Evaluate(ReadOnlySpan<PathStep> steps, int node)
    {
        if (--StepsLeft < 0)
            return;
        if (steps.IsEmpty)
            Take(node);
        else
            steps[0].Apply(ref this, steps, node);
    }

    private void Take(int node)
    {
        if (_isDefinite)
            _result = node < 0 ? Tree.Add(JsonKind.Null) : node;
        else if (node < 0)
            Tree.Append(_result, Tree.Add(JsonKind.Null));
        else
            Tree.AppendCopy(_result, node);
    }

    /// <summary>The result. An evaluation that took too long matches nothing.</summary>
    public int Finish()
    {
        if (StepsLeft >= 0)
            return _result;
        return _isDefinite ? -1 : Tree.Add(JsonKind.Array);
    }
}
