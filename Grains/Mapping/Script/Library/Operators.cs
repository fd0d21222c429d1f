using System.Numerics;
using Divolte.Grains.Mapping.Producers;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Operators on values.</summary>
internal static class Operators
{
    public static object? Unary(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object? operand)
    {
        switch (symbol)
        {
            case "!":
                evaluator.WarnOfConstant(position, operand, "not …");
                return !Truth.Of(operand);
            case "~" when operand is string or ComposedText:
                return new ScriptPattern(operand.ToString()!);
            case "~" when operand is int number:
                return ~number;
            case "~" when operand is long number:
                return ~number;
            case "+" when Equality.IsNumber(operand):
                return operand;
            case "-" when Equality.IsNumber(operand):
                return Negate(operand!);
            default:
                throw evaluator.ErrorAt(position, $"The operator '{symbol}' does not apply to {Printing.Describe(operand)}.");
        }
    }

    private static object Negate(object number) => number switch
    {
        int value => unchecked(-value),
        long value => unchecked(-value),
        float value => -value,
        double value => -value,
        decimal value => -value,
        _ => -(BigInteger)number,
    };

    public static object? Binary(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object? left, object? right)
    {
        switch (symbol)
        {
            case "==" or "!=":
                evaluator.WarnOfConstant(position, left, "equalTo(…)");
                return Equality.AreEqual(evaluator, position, left, right) == (symbol == "==");
            case "===" or "!==":
                return ReferenceEquals(left, right) == (symbol == "===");
            case "<" or ">" or "<=" or ">=" or "<=>":
                return Compare(evaluator, position, symbol, left, right);
            case "in" or "!in":
                return Contains(evaluator, position, left, right) == (symbol == "in");
            case "instanceof":
                return Conversions.IsInstance(left, (string)right!);
            case "==~":
                return ScriptPatterns.MatchesAll(evaluator, position, PatternOf(evaluator, position, symbol, left, right), Printing.Print(left));
            case "=~":
                return ScriptPatterns.FindAll(evaluator, position, PatternOf(evaluator, position, symbol, left, right), Printing.Print(left));
            case ".." or "..<":
                return Range(evaluator, position, symbol, left, right);
        }
        return left switch
        {
            ValueProducer<bool> condition when symbol is "&" or "|" && right is ValueProducer other =>
                ProducerFactory.Logic(condition, other, isAnd: symbol == "&"),
            string or ComposedText or ScriptTextBuilder => Text(evaluator, position, symbol, left, right),
            bool one when right is bool other && symbol is "&" or "|" or "^" => Boolean(symbol, one, (bool)right!),
            ScriptList list => List(evaluator, position, symbol, list, right),
            ScriptMap map when symbol == "+" && right is ScriptMap other => Merge(map, other),
            _ when Equality.IsNumber(left) && Equality.IsNumber(right) => Number(evaluator, position, symbol, left!, right!),
            _ when Equality.IsNumber(left) && right is string or ComposedText && symbol == "+" => Concatenate(evaluator, position, left, right),
            _ => throw Mismatch(evaluator, position, symbol, left, right),
        };
    }

    private static ScriptException Mismatch(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object? left, object? right)
    {
        var hint = left is ValueProducer ? " Values of events cannot be computed with; use the methods of producers." : "";
        return evaluator.ErrorAt(position, $"The operator '{symbol}' does not apply to {Printing.Describe(left)} and {Printing.Describe(right)}.{hint}");
    }

    private static string PatternOf(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object? left, object? right) => right switch
    {
        ScriptPattern pattern => pattern.Expression,
        string or ComposedText => right.ToString()!,
        _ => throw Mismatch(evaluator, position, symbol, left, right),
    };

    private static object Compare(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object? left, object? right)
    {
        if (!Equality.TryCompare(left, right, out var order))
            throw Mismatch(evaluator, position, symbol, left, right);
        return symbol switch
        {
            "<" => order < 0,
            ">" => order > 0,
            "<=" => order <= 0,
            ">=" => order >= 0,
            _ => (object)Math.Sign(order),
        };
    }

    private static bool Contains(ScriptEvaluator evaluator, ScriptPosition position, object? item, object? container) => container switch
    {
        ScriptMap map => item is not null && map.Contains(item),
        ScriptType type => Conversions.IsInstance(item, type.Name),
        string or ComposedText when item is string or ComposedText => container.ToString()!.Contains(item.ToString()!, StringComparison.Ordinal),
        null => false,
        _ => Sequences.ItemsOf(evaluator, position, container).Any(member => Equality.AreEqual(evaluator, position, member, item)),
    };

    private static object Range(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object? left, object? right)
    {
        if (left is string { Length: 1 } first && right is string { Length: 1 } last)
            return new ScriptList(new ScriptRange(first[0], last[0]).Items.Select(code => (object?)((char)(int)code!).ToString()).ToList());
        if (left is not int from || right is not int to)
            throw Mismatch(evaluator, position, symbol, left, right);
        if (Math.Abs((long)to - from) > ScriptBudget.StepsMax)
            throw evaluator.ErrorAt(position, "The range is too long.");
        return new ScriptRange(from, symbol == ".." ? to : from < to ? to - 1 : to + 1);
    }

    private static object Boolean(string symbol, bool left, bool right) => symbol switch
    {
        "&" => left & right,
        "|" => left | right,
        _ => left ^ right,
    };

    private static object Text(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object left, object? right)
    {
        switch (symbol)
        {
            case "+":
                var sum = Concatenate(evaluator, position, left, right);
                return left is ComposedText ? new ComposedText(sum) : sum;
            case "<<" when left is ScriptTextBuilder builder:
                evaluator.Charge(position, Printing.Print(right).Length);
                builder.Text.Append(Printing.Print(right));
                return builder;
            case "-" when right is string or ComposedText:
                var text = left.ToString()!;
                var index = text.IndexOf(right.ToString()!, StringComparison.Ordinal);
                return index < 0 ? text : text.Remove(index, right.ToString()!.Length);
            case "*" when right is int count && count >= 0:
                evaluator.Charge(position, (long)left.ToString()!.Length * count);
                return string.Concat(Enumerable.Repeat(left.ToString(), count));
            default:
                throw Mismatch(evaluator, position, symbol, left, right);
        }
    }

    private static string Concatenate(ScriptEvaluator evaluator, ScriptPosition position, object? left, object? right)
    {
        var text = Printing.Print(left) + Printing.Print(right);
        evaluator.Charge(position, text.Length);
        return text;
    }

    private static ScriptList List(ScriptEvaluator evaluator, ScriptPosition position, string symbol, ScriptList list, object? right)
    {
        evaluator.Charge(position, list.Items.Count + 1);
        switch (symbol)
        {
            case "+":
                return new ScriptList([.. list.Items, .. right is ScriptList other ? other.Items : [right]]);
            case "-":
                var removed = right is ScriptList several ? several.Items : [right];
                return new ScriptList(list.Items.Where(item => !removed.Exists(one => Equality.AreEqual(evaluator, position, one, item))).ToList());
            case "<<":
                list.Items.Add(right);
                return list;
            case "*" when right is int count && count >= 0:
                evaluator.Charge(position, (long)list.Items.Count * count);
                return new ScriptList(Enumerable.Repeat(list.Items, count).SelectMany(items => items).ToList());
            default:
                throw Mismatch(evaluator, position, symbol, list, right);
        }
    }

    private static ScriptMap Merge(ScriptMap left, ScriptMap right)
    {
        var merged = new ScriptMap();
        foreach (var key in left.Keys)
            merged[key] = left[key];
        foreach (var key in right.Keys)
            merged[key] = right[key];
        return merged;
    }

    private static object Number(ScriptEvaluator evaluator, ScriptPosition position, string symbol, object left, object right)
    {
        var result = Numbers.Apply(symbol, left, right, out var error);
        if (error is not null)
            throw evaluator.ErrorAt(position, error);
        return result ?? throw Mismatch(evaluator, position, symbol, left, right);
    }
}
