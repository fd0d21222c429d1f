using System.Globalization;
using System.Numerics;
using System.Text;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.Producers;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Values as text.</summary>
internal static class Printing
{
    /// <summary>Longest text that a value is printed as. A list can hold itself, so that there is no other end.</summary>
    private const int LengthMax = 100_000;

    private const int DepthMax = 20;

    /// <summary>A value as it is inserted into a string; a producer as its identifier.</summary>
    public static string Print(object? value)
    {
        if (value is not (ScriptList or ScriptMap))
            return PrintScalar(value);
        var text = new StringBuilder();
        Append(text, value, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? value, int depth)
    {
        if (depth > DepthMax || text.Length > LengthMax)
        {
            text.Append('…');
            return;
        }
        switch (value)
        {
            case ScriptList list:
                text.Append('[');
                AppendAll(text, list.Items, item => Append(text, item, depth + 1));
                text.Append(']');
                break;
            case ScriptMap { Keys.Count: 0 }:
                text.Append("[:]");
                break;
            case ScriptMap map:
                text.Append('[');
                AppendAll(text, map.Keys, key =>
                {
                    Append(text, key, depth + 1);
                    text.Append(':');
                    Append(text, map[key], depth + 1);
                });
                text.Append(']');
                break;
            default:
                text.Append(PrintScalar(value));
                break;
        }
    }

    private static void AppendAll<T>(StringBuilder text, IReadOnlyList<T> items, Action<T> append)
    {
        for (var index = 0; index < items.Count && text.Length <= LengthMax; index++)
        {
            if (index > 0)
                text.Append(", ");
            append(items[index]);
        }
    }

    private static string PrintScalar(object? value) => value switch
    {
        null => "null",
        string text => text,
        bool flag => flag ? "true" : "false",
        int or long or BigInteger => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        double number => PrintFraction(number),
        float number => PrintFraction(double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        ValueProducer producer => producer.Identifier,
        ScriptRange range => $"{range.From}..{range.To}",
        ScriptClosure => "closure",
        ScriptPattern pattern => pattern.Expression,
        VocabularyObject vocabulary => vocabulary.Description,
        _ => value.ToString() ?? "",
    };

    private static string PrintFraction(double number)
    {
        Span<byte> target = stackalloc byte[40];
        return Encoding.ASCII.GetString(target[..JavaNumber.Print(number, target)]);
    }

    /// <summary>What a value is, for messages.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"the string '{Shorten(text)}'",
        ComposedText text => $"the string \"{Shorten(text.Text)}\" with insertions",
        bool flag => flag ? "true" : "false",
        int => $"the number {Print(value)}",
        long => $"the number {Print(value)}L",
        float => $"the number {Print(value)}f",
        double => $"the number {Print(value)}d",
        decimal => $"the decimal number {Print(value)}",
        BigInteger => $"the big number {Print(value)}",
        ValueProducer producer => producer.Identifier,
        ScriptList => "a list",
        ScriptMap => "a map",
        ScriptRange => "a range",
        ScriptClosure => "a closure",
        ScriptPattern => "a pattern",
        ScriptType type => $"the type {type.Name}",
        ScriptError error => $"an exception ({error.Type})",
        ScriptTextBuilder => "a StringBuilder",
        VocabularyObject vocabulary => vocabulary.Description,
        _ => value.GetType().Name,
    };

    private static string Shorten(string text) => text.Length > 40 ? text[..40] + "…" : text;

    /// <summary>Puts values together with a text between them.</summary>
    public static string Join(ScriptEvaluator evaluator, ScriptPosition position, string separator, IReadOnlyList<object?> items)
    {
        var text = new StringBuilder();
        for (var index = 0; index < items.Count; index++)
        {
            var before = text.Length;
            text.Append(index == 0 ? "" : separator).Append(Print(items[index]));
            evaluator.Charge(position, text.Length - before);
        }
        return text.ToString();
    }
}
