namespace Divolte.Grains.Mapping.Script;

/// <summary>An object that belongs to the vocabulary of mappings: what <c>map x</c> or <c>when x</c> yields.</summary>
internal abstract class VocabularyObject
{
    /// <summary>How messages name it.</summary>
    public abstract string Description { get; }

    /// <summary>The names that can be called on it, for suggestions.</summary>
    public abstract IReadOnlyList<string> Methods { get; }

    /// <summary>Calls a method. False when there is none that takes these arguments.</summary>
    public abstract bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result);
}
