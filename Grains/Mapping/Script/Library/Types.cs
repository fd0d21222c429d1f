using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>
/// The types of Java that scripts can name: those of variables, <c>Math</c>, the number types, <c>String</c>, <c>StringBuilder</c>, a few locales, and
/// exceptions. All others are errors with a clear text; what reaches outside the script, such as <c>System.getenv</c>, is not there on purpose.
/// </summary>
internal static class Types
{
    private static readonly FrozenDictionary<string, ScriptType> Known = new (string Package, string[] Names)[]
    {
        ("", ["boolean", "byte", "char", "short", "int", "long", "float", "double"]),
        ("java.lang.", ["String", "CharSequence", "Object", "Boolean", "Byte", "Short", "Integer", "Long", "Float", "Double", "Number"]),
        ("java.lang.", ["Math", "StringBuilder", "Class"]),
        ("java.math.", ["BigDecimal", "BigInteger"]),
        ("java.net.", ["URI"]),
        ("java.util.", ["List", "Map", "Set", "ArrayList", "LinkedHashMap", "HashMap", "Collection", "Locale"]),
        ("java.util.regex.", ["Pattern"]),
        ("groovy.lang.", ["Closure", "GString", "Range", "IntRange"]),
    }
    .SelectMany(group => group.Names.Select(name => new ScriptType(name, group.Package + name)))
    .SelectMany(type => new[] { (Key: type.Name, type), (Key: type.FullName, type) })
    .DistinctBy(entry => entry.Key)
    .ToFrozenDictionary(entry => entry.Key, entry => entry.type);

    /// <summary>Types whose short name needs an import, which scripts do not have.</summary>
    private static readonly FrozenSet<string> NeedPackage = FrozenSet.Create("Pattern");

    public static bool TryFind(string name, out object? type)
    {
        var isFound = Known.TryGetValue(name, out var found) && !NeedPackage.Contains(name);
        type = found;
        return isFound;
    }

    /// <summary>Whether a variable can be declared with a type.</summary>
    public static bool IsKnown(string name) =>
        Known.ContainsKey(name) || name is "void" || name.EndsWith("Exception", StringComparison.Ordinal) || name.EndsWith("Error", StringComparison.Ordinal)
        || name is "Throwable" or "Iterable" or "LinkedList" or "TreeMap" or "HashSet" or "LinkedHashSet" or "StringBuffer" or "ValueProducer";

    /// <summary>Whether an import does no harm: of a known type, or of a whole package of Java or Groovy.</summary>
    public static bool IsImportable(string name) =>
        Known.ContainsKey(name) || name.EndsWith(".*", StringComparison.Ordinal) && name.Split('.')[0] is "java" or "groovy";

    /// <summary>The type of a value.</summary>
    public static ScriptType Of(object value) => Known[value switch
    {
        string => "String",
        ComposedText => "GString",
        int => "Integer",
        long => "Long",
        float => "Float",
        double => "Double",
        decimal => "BigDecimal",
        System.Numerics.BigInteger => "BigInteger",
        bool => "Boolean",
        ScriptList => "ArrayList",
        ScriptMap => "LinkedHashMap",
        ScriptRange => "IntRange",
        ScriptClosure => "Closure",
        ScriptPattern => "java.util.regex.Pattern",
        ScriptTextBuilder => "StringBuilder",
        _ => "Object",
    }];

    /// <summary><c>new Type(…)</c>.</summary>
    public static object Create(ScriptEvaluator evaluator, ScriptPosition position, string type, object?[] arguments)
    {
        var name = type[(type.LastIndexOf('.') + 1)..];
        if (name.EndsWith("Exception", StringComparison.Ordinal) || name.EndsWith("Error", StringComparison.Ordinal) || name == "Throwable")
            return new ScriptError(name, arguments.Length == 0 ? null : Printing.Print(arguments[0]));
        switch (name)
        {
            case "StringBuilder" or "StringBuffer":
                return new ScriptTextBuilder(new StringBuilder(arguments is [string or ComposedText] ? Printing.Print(arguments[0]) : ""));
            case "ArrayList" or "LinkedList" when arguments.Length == 0 || arguments is [ScriptList or ScriptRange]:
                return new ScriptList(arguments.Length == 0 ? [] : [.. Sequences.ItemsOf(evaluator, position, arguments[0])]);
            case "HashMap" or "LinkedHashMap" or "TreeMap" when arguments.Length == 0:
                return new ScriptMap();
            case "String" when arguments is [] or [string or ComposedText]:
                return arguments.Length == 0 ? "" : Printing.Print(arguments[0]);
            case "BigDecimal" or "BigInteger" or "Integer" or "Long" or "Double" or "Float" when arguments is [not null]:
                return Conversions.Cast(evaluator, position, arguments[0], name)!;
            default:
                throw evaluator.ErrorAt(position, $"The Java class {type} is not available in mapping scripts.");
        }
    }

    /// <summary>A constant of a type, such as <c>Integer.MAX_VALUE</c>.</summary>
    public static bool TryGetConstant(ScriptType type, string name, out object? value)
    {
        value = (type.Name, name) switch
        {
            ("Integer", "MAX_VALUE") => int.MaxValue,
            ("Integer", "MIN_VALUE") => int.MinValue,
            ("Long", "MAX_VALUE") => long.MaxValue,
            ("Long", "MIN_VALUE") => long.MinValue,
            ("Double", "MAX_VALUE") => double.MaxValue,
            ("Double", "NaN") => double.NaN,
            ("Double", "POSITIVE_INFINITY") => double.PositiveInfinity,
            ("Double", "NEGATIVE_INFINITY") => double.NegativeInfinity,
            ("Float", "NaN") => float.NaN,
            ("Math", "PI") => Math.PI,
            ("Math", "E") => Math.E,
            ("Boolean", "TRUE") => true,
            ("Boolean", "FALSE") => false,
            ("BigDecimal", "ZERO") => 0m,
            ("BigDecimal", "ONE") => 1m,
            ("Locale", "ROOT") => new ScriptLocale(""),
            ("Locale", "ENGLISH") => new ScriptLocale("en"),
            ("Locale", "US") => new ScriptLocale("en_US"),
            (_, "name") => type.FullName,
            (_, "simpleName") => type.Name,
            _ => (object?)null,
        };
        return value is not null;
    }

    /// <summary>A static method.</summary>
    public static bool TryCall(ScriptEvaluator evaluator, ScriptPosition position, ScriptType type, string name, object?[] arguments, out object? result)
    {
        result = (type.Name, name, arguments) switch
        {
            ("Math", _, [{ } only]) when Equality.IsNumber(only) => MathOf(name, only),
            ("Math", "max" or "min" or "pow", [{ } left, { } right]) when Equality.IsNumber(left) && Equality.IsNumber(right) => MathOf(name, left, right),
            ("Integer", "parseInt", [string or ComposedText]) or ("Integer", "valueOf", [_]) => Parse(evaluator, position, arguments[0], "Integer"),
            ("Long", "parseLong", [string or ComposedText]) or ("Long", "valueOf", [_]) => Parse(evaluator, position, arguments[0], "Long"),
            ("Double", "parseDouble", [string or ComposedText]) or ("Double", "valueOf", [_]) => Conversions.Cast(evaluator, position, arguments[0], "Double"),
            ("Float", "parseFloat", [string or ComposedText]) or ("Float", "valueOf", [_]) => Conversions.Cast(evaluator, position, arguments[0], "Float"),
            ("Boolean", "parseBoolean" or "valueOf", [string or ComposedText]) => arguments[0]!.ToString()!.Equals("true", StringComparison.OrdinalIgnoreCase),
            ("String", "valueOf", [_]) or ("Integer" or "Long" or "Double" or "Boolean", "toString", [_]) => Printing.Print(arguments[0]),
            ("String", "join", [string or ComposedText, _]) =>
                Printing.Join(evaluator, position, arguments[0]!.ToString()!, Sequences.ItemsOf(evaluator, position, arguments[1])),
            ("Integer" or "Long", "toHexString", [int or long]) => string.Create(CultureInfo.InvariantCulture, $"{arguments[0]:x}"),
            ("Pattern", "compile", [string or ComposedText]) => new ScriptPattern(arguments[0]!.ToString()!),
            ("Pattern", "quote", [string or ComposedText]) => $"\\Q{arguments[0]}\\E",
            (_, "toString", []) => $"class {type.FullName}",
            (_, "getName", []) => type.FullName,
            (_, "getSimpleName", []) => type.Name,
            _ => NotFound,
        };
        if (!ReferenceEquals(result, NotFound))
            return true;
        result = null;
        return false;
    }

    /// <summary>Marks that there is no such method; null is a value that methods return.</summary>
    public static readonly object NotFound = new();

    private static object? Parse(ScriptEvaluator evaluator, ScriptPosition position, object? value, string type)
    {
        if (value is not (string or ComposedText))
            return Conversions.Cast(evaluator, position, value, type);
        var isNumber = long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || type == "Integer" && number is < int.MinValue or > int.MaxValue)
            throw evaluator.ErrorAt(position, $"{Printing.Describe(value)} is no {type}.");
        return type == "Integer" ? (object)(int)number : number;
    }

    private static object MathOf(string name, object value)
    {
        var number = Numbers.ToDouble(value);
        return name switch
        {
            "abs" when value is int whole => whole < 0 ? unchecked(-whole) : whole,
            "abs" when value is long whole => whole < 0 ? unchecked(-whole) : whole,
            "abs" => Math.Abs(number),
            "floor" => Math.Floor(number),
            "ceil" => Math.Ceiling(number),
            "sqrt" => Math.Sqrt(number),
            "round" => (long)Math.Floor(number + 0.5),
            "log" => Math.Log(number),
            "exp" => Math.Exp(number),
            "signum" => (double)Math.Sign(number),
            _ => NotFound,
        };
    }

    private static object MathOf(string name, object left, object right)
    {
        if (name == "pow")
            return Math.Pow(Numbers.ToDouble(left), Numbers.ToDouble(right));
        var chosen = Numbers.Compare(left, right) < 0 == (name == "min") ? left : right;
        object[] both = [left, right];
        var type = both.Any(value => value is double) ? "Double"
            : both.Any(value => value is float) ? "Float"
            : both.Any(value => value is long) ? "Long"
            : "Integer";
        return Conversions.To(chosen, type);
    }
}

/// <summary>A locale, which only prints.</summary>
internal sealed record ScriptLocale(string Tag)
{
    public override string ToString() => Tag;
}
