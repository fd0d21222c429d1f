namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Lists, maps, ranges and strings by element.</summary>
internal static class Sequences
{
    /// <summary>What a loop goes through.</summary>
    public static IReadOnlyList<object?> ItemsOf(ScriptEvaluator evaluator, ScriptPosition position, object? value)
    {
        IReadOnlyList<object?> items = value switch
        {
            null => [],
            ScriptList list => [.. list.Items],
            ScriptRange range => [.. range.Items],
            ScriptMap map => map.Keys.Select(key => (object?)new ScriptEntry(key, map[key])).ToList(),
            string or ComposedText => value.ToString()!.Select(letter => (object?)letter.ToString()).ToList(),
            _ => throw evaluator.ErrorAt(position, $"{Printing.Describe(value)} has no elements to go through."),
        };
        evaluator.Charge(position, items.Count);
        return items;
    }

    public static object KeyOf(ScriptEvaluator evaluator, ScriptPosition position, object? key) => key switch
    {
        ComposedText text => text.Text,
        string or int or long or bool or double or decimal => key,
        _ => throw evaluator.ErrorAt(position, $"{Printing.Describe(key)} cannot be a key of a map."),
    };

    public static object? GetAt(ScriptEvaluator evaluator, ScriptPosition position, object? target, object?[] indexes)
    {
        if (indexes is not [var index])
            throw evaluator.ErrorAt(position, "Exactly one index is supported.");
        switch (target)
        {
            case ScriptMap map:
                return map[KeyOf(evaluator, position, index)];
            case ScriptList list when index is int number:
                return At(list.Items, number);
            case ScriptList list when index is ScriptRange part:
                evaluator.Charge(position, part.Count);
                return new ScriptList(part.Items.Select(item => At(list.Items, (int)item!)).ToList());
            case ScriptRange range when index is int number:
                var place = number < 0 ? range.Count + number : number;
                return place < 0 || place >= range.Count ? null : range.From <= range.To ? range.From + place : range.From - place;
            case string or ComposedText when index is int number:
                return Letter(evaluator, position, target.ToString()!, number);
            case string or ComposedText when index is ScriptRange part:
                evaluator.Charge(position, part.Count);
                return string.Concat(part.Items.Select(item => Letter(evaluator, position, target.ToString()!, (int)item!)));
            case null:
                throw evaluator.ErrorAt(position, "An element is wanted of null.");
            default:
                var hint = target is Producers.ValueProducer ? " Use get(…), value(…) or path(…) for what events hold." : "";
                throw evaluator.ErrorAt(position, $"{Printing.Describe(target)} has no elements.{hint}");
        }
    }

    private static object? At(IReadOnlyList<object?> items, int index)
    {
        var position = index < 0 ? items.Count + index : index;
        return position >= 0 && position < items.Count ? items[position] : null;
    }

    private static string Letter(ScriptEvaluator evaluator, ScriptPosition position, string text, int index)
    {
        var at = index < 0 ? text.Length + index : index;
        return at >= 0 && at < text.Length ? text[at].ToString() : throw evaluator.ErrorAt(position, $"The string has no character {index}.");
    }

    public static void PutAt(ScriptEvaluator evaluator, ScriptPosition position, object? target, object?[] indexes, object? value)
    {
        switch (target)
        {
            case ScriptMap map when indexes is [var key]:
                map[KeyOf(evaluator, position, key)] = value;
                break;
            case ScriptList list when indexes is [int index] && index >= -list.Items.Count && index < 10_000:
                var at = index < 0 ? list.Items.Count + index : index;
                while (list.Items.Count <= at)
                {
                    evaluator.Charge(position, 1);
                    list.Items.Add(null);
                }
                list.Items[at] = value;
                break;
            default:
                throw evaluator.ErrorAt(position, $"An element of {Printing.Describe(target)} cannot be set.");
        }
    }
}

/// <summary>One key and value of a map, as loops see it.</summary>
internal sealed record ScriptEntry(object Key, object? Value)
{
    public override string ToString() => $"{Printing.Print(Key)}={Printing.Print(Value)}";
}
