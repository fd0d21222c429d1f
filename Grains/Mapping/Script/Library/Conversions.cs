using System.Globalization;
using System.Numerics;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Types of variables and casts.</summary>
internal static class Conversions
{
    /// <summary>What a typed variable makes of a value.</summary>
    public static object? Coerce(ScriptEvaluator evaluator, ScriptPosition position, object? value, string type)
    {
        if (value is null || IsInstance(value, type))
            return value;
        return TryConvert(value, type, isCast: false, out var converted)
            ? converted
            : throw evaluator.ErrorAt(position, $"{Printing.Describe(value)} is no {type}.");
    }

    /// <summary><c>value as Type</c>.</summary>
    public static object? Cast(ScriptEvaluator evaluator, ScriptPosition position, object? value, string type)
    {
        if (value is null || IsInstance(value, type))
            return value;
        return TryConvert(value, type, isCast: true, out var converted)
            ? converted
            : throw evaluator.ErrorAt(position, $"{Printing.Describe(value)} cannot be made a {type}.");
    }

    private static string SimpleName(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static bool TryConvert(object value, string type, bool isCast, out object? converted)
    {
        converted = null;
        switch (SimpleName(type))
        {
            case "String" or "CharSequence":
                converted = Printing.Print(value);
                return true;
            case "boolean" or "Boolean":
                converted = Truth.Of(value);
                return true;
            case "int" or "Integer" or "short" or "Short" or "byte" or "Byte" or "long" or "Long" or "BigInteger"
                or "float" or "Float" or "double" or "Double" or "BigDecimal" or "Number":
                return TryConvertNumber(value, SimpleName(type), isCast, out converted);
            case "List" or "ArrayList" or "Collection" or "Iterable" or "Set" or "HashSet" or "LinkedHashSet" or "String[]" or "Object[]":
                converted = value is ScriptRange range ? new ScriptList([.. range.Items]) : value as ScriptList;
                return converted is not null;
            default:
                return false;
        }
    }

    private static bool TryConvertNumber(object value, string type, bool isCast, out object? converted)
    {
        converted = null;
        if (isCast && value is string or ComposedText)
        {
            var text = value.ToString()!.Trim();
            if (BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                value = whole;
            else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction))
                value = fraction;
            else
                return false;
        }
        if (!Equality.IsNumber(value))
            return false;
        converted = To(value, type);
        return true;
    }

    /// <summary>A number in another type, by Java's rules: whole numbers lose the bits that do not fit.</summary>
    public static object To(object number, string type) => type switch
    {
        "int" or "Integer" => unchecked((int)(uint)(Numbers.ToBig(number) & uint.MaxValue)),
        "short" or "Short" => (int)unchecked((short)(ushort)(Numbers.ToBig(number) & ushort.MaxValue)),
        "byte" or "Byte" => (int)unchecked((sbyte)(byte)(Numbers.ToBig(number) & byte.MaxValue)),
        "long" or "Long" => unchecked((long)(ulong)(Numbers.ToBig(number) & ulong.MaxValue)),
        "BigInteger" => Numbers.ToBig(number),
        "float" or "Float" => (float)Numbers.ToDouble(number),
        "double" or "Double" => Numbers.ToDouble(number),
        "BigDecimal" when Math.Abs(Numbers.ToDouble(number)) < 7e28 => number is decimal ? number : (decimal)Numbers.ToDouble(number),
        _ => number,
    };

    public static bool IsInstance(object? value, string type) => value is not null && (SimpleName(type), value) switch
    {
        ("Object" or "def", _) => true,
        ("String", string) => true,
        ("CharSequence", string or ComposedText) => true,
        ("GString", ComposedText) => true,
        ("int" or "Integer", int) => true,
        ("long" or "Long", long) => true,
        ("float" or "Float", float) => true,
        ("double" or "Double", double) => true,
        ("BigDecimal", decimal) => true,
        ("BigInteger", BigInteger) => true,
        ("Number", int or long or float or double or decimal or BigInteger) => true,
        ("boolean" or "Boolean", bool) => true,
        ("List" or "ArrayList" or "Collection" or "Iterable", ScriptList or ScriptRange) => true,
        ("Range" or "IntRange", ScriptRange) => true,
        ("Map" or "LinkedHashMap" or "HashMap", ScriptMap) => true,
        ("Closure", ScriptClosure) => true,
        ("Pattern", ScriptPattern) => true,
        ("Class", ScriptType) => true,
        ("StringBuilder", ScriptTextBuilder) => true,
        (var name, ScriptError error) => IsException(error.Type, name),
        ("ValueProducer", Producers.ValueProducer) => true,
        _ => false,
    };

    /// <summary>Whether an exception is of a type or one derived from it, as far as scripts can tell.</summary>
    public static bool IsException(string type, string wanted) => SimpleName(wanted) switch
    {
        "Throwable" => true,
        "Exception" => !type.EndsWith("Error", StringComparison.Ordinal),
        "RuntimeException" => type != "Exception" && !type.EndsWith("Error", StringComparison.Ordinal),
        "Error" => type.EndsWith("Error", StringComparison.Ordinal),
        var name => SimpleName(type) == name,
    };
}
