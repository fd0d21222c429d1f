namespace Divolte.Grains.Mapping.Script;

/// <summary>The mistakes found in one script so far, so that a reader learns all of them at once. What only follows from another is left out.</summary>
internal sealed class ScriptMistakes
{
    /// <summary>How many are told at once; behind them, the first are worth more than the rest.</summary>
    private const int CountMax = 20;

    private readonly List<ScriptException> _found = [];

    /// <summary>Whether there are so many that looking on is of no use.</summary>
    public bool IsFull => _found.Count >= CountMax;

    public bool HasAny => _found.Count > 0;

    public void Add(ScriptException mistake)
    {
        if (!mistake.IsConsequence && !_found.Exists(known => known.Message == mistake.Message))
            _found.Add(mistake);
    }

    /// <summary>One exception for all; there is at least one.</summary>
    public ScriptException ToException() => ScriptException.Of(_found);
}

/// <summary>What a variable holds whose value could not be worked out: using it is no further mistake.</summary>
internal sealed class UnknownValue
{
    public static readonly UnknownValue Instance = new();
}
