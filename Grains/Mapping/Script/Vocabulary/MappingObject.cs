using Divolte.Grains.Mapping.Script.Library;

namespace Divolte.Grains.Mapping.Script.Vocabulary;

/// <summary>The variable <c>mapping</c>: what is known inside <c>mapping { … }</c>, reached from outside.</summary>
internal sealed class MappingObject(MappingVocabulary vocabulary) : VocabularyObject
{
    public override string Description => "the mapping";

    public override IReadOnlyList<string> Methods { get; } = [.. MappingVocabulary.Functions];

    public override bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result)
    {
        result = vocabulary.CallMappingFunction(position, name, arguments);
        if (!ReferenceEquals(result, Types.NotFound))
            return true;
        result = null;
        return false;
    }
}

/// <summary><c>this</c>: what is known everywhere.</summary>
internal sealed class ScriptObject(MappingVocabulary vocabulary) : VocabularyObject
{
    public override string Description => "the script";

    public override IReadOnlyList<string> Methods { get; } =
        [.. MappingVocabulary.Functions.Where(name => MappingVocabulary.IsFunction(name, isMapping: false))];

    public override bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result) =>
        vocabulary.TryCall(position, name, arguments, isMapping: false, out result);
}

/// <summary><c>map x</c>, which waits for <c>onto</c>.</summary>
internal sealed class MapTarget(MappingVocabulary vocabulary, object mappable) : VocabularyObject
{
    public override string Description => "'map …'";

    public override IReadOnlyList<string> Methods { get; } = ["onto"];

    public override bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result)
    {
        result = null;
        if (name != "onto" || arguments.Length > 1 || arguments is [not (string or ComposedText or null)])
            return false;
        vocabulary.Onto(position, mappable, arguments is [{ } field] ? field.ToString()! : "null");
        return true;
    }
}

/// <summary><c>when x</c>, which waits for <c>apply</c>, <c>stop</c> or <c>exit</c>.</summary>
internal sealed class WhenTarget(MappingVocabulary vocabulary, Producers.ValueProducer<bool> condition) : VocabularyObject
{
    public override string Description => "'when …'";

    public override IReadOnlyList<string> Methods { get; } = ["apply", "stop", "exit"];

    public override bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result)
    {
        result = null;
        switch (name, arguments)
        {
            case ("apply", [ScriptClosure body]):
                vocabulary.Apply(position, condition, body);
                return true;
            case ("apply", [] or [null]):
                throw evaluator.ErrorAt(position, "'apply' needs a closure: apply { … }.");
            case ("stop", []):
                vocabulary.Jump(position, Flow.Stop, condition);
                return true;
            case ("exit", []):
                vocabulary.Jump(position, Flow.Exit, condition);
                return true;
            default:
                return false;
        }
    }
}

/// <summary><c>match '…'</c>, which waits for <c>against</c>.</summary>
internal sealed class MatchTarget(MappingVocabulary vocabulary, string? expression) : VocabularyObject
{
    public override string Description => "'match …'";

    public override IReadOnlyList<string> Methods { get; } = ["against"];

    public override bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result)
    {
        result = name == "against" && arguments is [Producers.ValueProducer source] ? vocabulary.Match(position, expression, source) : null;
        return result is not null;
    }
}

/// <summary><c>parse x</c>, which waits for <c>to</c>.</summary>
internal sealed class ParseTarget(MappingVocabulary vocabulary, Producers.ValueProducer source) : VocabularyObject
{
    public override string Description => "'parse …'";

    public override IReadOnlyList<string> Methods { get; } = ["to"];

    public override bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, string name, object?[] arguments, out object? result)
    {
        result = null;
        if (name != "to" || arguments.Length > 1)
            return false;
        var type = arguments.Length == 0 ? null : arguments[0];
        if (MappingVocabulary.ParseTypeOf(type) is not { } parseType)
        {
            throw evaluator.ErrorAt(
                position, $"Cannot parse string into type: {Printing.Print(type)}. The types are int32, int64, fp32, fp64, bool and uri, not in quotes.");
        }
        result = vocabulary.Context.Producers.Parse(source, parseType);
        return true;
    }
}
