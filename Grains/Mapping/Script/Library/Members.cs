using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script.Vocabulary;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Properties and methods of values, by the type of the value.</summary>
internal static class Members
{
    /// <summary>A property.</summary>
    public static bool TryGet(ScriptEvaluator evaluator, ScriptPosition position, object? target, string name, out object? value)
    {
        value = target switch
        {
            ScriptMap map => map[name],
            ScriptEntry entry when name == "key" => entry.Key,
            ScriptEntry entry when name == "value" => entry.Value,
            ScriptError error when name == "message" => error.Message,
            not (null or VocabularyObject or ValueProducer) when name == "class" => Types.Of(target),
            ScriptType type when Types.TryGetConstant(type, name, out var constant) => constant,
            string or ComposedText when name == "bytes" => throw evaluator.ErrorAt(position, "Bytes of strings are not available in mapping scripts."),
            // A property of a list is the list of that property of its elements.
            ScriptList { Items: [ScriptMap, ..] } list => new ScriptList(list.Items.Select(item => item is ScriptMap inner ? inner[name] : null).ToList()),
            _ => Types.NotFound,
        };
        if (!ReferenceEquals(value, Types.NotFound))
            return true;
        value = null;
        return false;
    }

    /// <summary>A method.</summary>
    public static bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, object? target, string name, object?[] arguments, out object? result)
    {
        evaluator.Step(position);
        if (target is ScriptType type && Types.TryCall(evaluator, position, type, name, arguments, out result))
            return true;
        result = target switch
        {
            ValueProducer producer => ProducerMethods.Call(evaluator, position, producer, name, arguments),
            string or ComposedText => TextMethods.Call(evaluator, position, target.ToString()!, name, arguments),
            ScriptTextBuilder builder => TextMethods.CallBuilder(evaluator, position, builder, name, arguments),
            ScriptList or ScriptRange => ListMethods.Call(evaluator, position, target, name, arguments),
            ScriptMap map => MapMethods.Call(evaluator, position, map, name, arguments),
            int or long => NumberMethods.CallWhole(evaluator, position, target, name, arguments),
            _ => Types.NotFound,
        };
        if (ReferenceEquals(result, Types.NotFound) && target is not null)
            result = CallCommon(evaluator, position, target, name, arguments);
        if (!ReferenceEquals(result, Types.NotFound))
            return true;
        result = null;
        return false;
    }

    /// <summary>What every value has.</summary>
    private static object? CallCommon(
        ScriptEvaluator evaluator, ScriptPosition position, object target, string name, object?[] arguments) => (name, arguments) switch
    {
        ("toString", []) => PrintCharged(evaluator, position, target),
        ("equals", [var other]) => Equality.AreEqual(evaluator, position, target, other),
        ("getKey", []) when target is ScriptEntry entry => entry.Key,
        ("getValue", []) when target is ScriptEntry entry => entry.Value,
        ("getMessage", []) when target is ScriptError error => error.Message,
        ("with" or "tap", [ScriptClosure closure]) => Keep(name, target, evaluator.CallWith(closure, position, target)),
        _ when Equality.IsNumber(target) => NumberMethods.CallAny(target, name, arguments),
        _ => Types.NotFound,
    };

    private static string PrintCharged(ScriptEvaluator evaluator, ScriptPosition position, object target)
    {
        var text = Printing.Print(target);
        evaluator.Charge(position, text.Length);
        return text;
    }

    private static object? Keep(string name, object target, object? result) => name == "tap" ? target : result;

    /// <summary>The names that can be called, for suggestions.</summary>
    public static IReadOnlyList<string> MethodsOf(object? target) => target switch
    {
        ValueProducer producer => ProducerMethods.NamesOf(producer),
        string or ComposedText => TextMethods.Names,
        ScriptList or ScriptRange => ListMethods.Names,
        ScriptMap => MapMethods.Names,
        VocabularyObject vocabulary => vocabulary.Methods,
        _ => [],
    };
}
