using System.Globalization;

namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Methods of strings.</summary>
internal static class TextMethods
{
    public static readonly IReadOnlyList<string> Names =
    [
        "length", "size", "trim", "strip", "toUpperCase", "toLowerCase", "capitalize", "uncapitalize", "reverse", "contains", "startsWith", "endsWith",
        "indexOf",
        "lastIndexOf", "substring", "replace", "replaceAll", "replaceFirst", "split", "tokenize", "concat", "charAt", "isEmpty", "isBlank", "matches", "equals",
        "equalsIgnoreCase", "compareTo", "toInteger", "toLong", "toDouble", "toFloat", "toBoolean", "isInteger", "isNumber", "padLeft", "padRight", "center",
        "toString", "take", "drop", "each", "collect", "toList", "repeat", "minus", "plus", "multiply", "getAt",
        "count", "readLines", "stripIndent", "find", "findAll",
    ];

    public static object? Call(ScriptEvaluator evaluator, ScriptPosition position, string text, string name, object?[] arguments)
    {
        evaluator.Charge(position, text.Length);
        var first = arguments.Length > 0 ? arguments[0] : null;
        var word = first is string or ComposedText ? first.ToString() : null;
        switch (name, arguments.Length)
        {
            case ("length" or "size", 0): return text.Length;
            case ("trim" or "strip", 0): return text.Trim([.. Enumerable.Range(0, 33).Select(code => (char)code)]);
            case ("toUpperCase", 0 or 1): return text.ToUpperInvariant();
            case ("toLowerCase", 0 or 1): return text.ToLowerInvariant();
            case ("capitalize", 0): return text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
            case ("uncapitalize", 0): return text.Length == 0 ? text : char.ToLowerInvariant(text[0]) + text[1..];
            case ("reverse", 0): return new string([.. text.Reverse()]);
            case ("isEmpty", 0): return text.Length == 0;
            case ("isBlank", 0): return string.IsNullOrWhiteSpace(text);
            case ("toString", 0): return text;
            case ("contains", 1) when word is not null: return text.Contains(word, StringComparison.Ordinal);
            case ("startsWith", 1) when word is not null: return text.StartsWith(word, StringComparison.Ordinal);
            case ("endsWith", 1) when word is not null: return text.EndsWith(word, StringComparison.Ordinal);
            case ("indexOf", 1) when word is not null: return text.IndexOf(word, StringComparison.Ordinal);
            case ("indexOf", 2) when word is not null && arguments[1] is int start: return text.IndexOf(word, Math.Clamp(start, 0, text.Length), StringComparison.Ordinal);
            case ("lastIndexOf", 1) when word is not null: return text.LastIndexOf(word, StringComparison.Ordinal);
            case ("equalsIgnoreCase", 1): return word is not null && text.Equals(word, StringComparison.OrdinalIgnoreCase);
            case ("compareTo", 1) when word is not null: return JavaOrder(text, word);
            case ("concat" or "plus", 1): return text + Printing.Print(first);
            case ("minus", 1) when word is not null: return Operators.Binary(evaluator, position, "-", text, word);
            case ("multiply" or "repeat", 1) when first is int: return Operators.Binary(evaluator, position, "*", text, first);
            case ("charAt" or "getAt", 1) when first is int: return Sequences.GetAt(evaluator, position, text, [first]);
            case ("substring", 1) when first is int from && from >= 0 && from <= text.Length: return text[from..];
            case ("substring", 2) when first is int from && arguments[1] is int to && from >= 0 && to >= from && to <= text.Length: return text[from..to];
            case ("substring", _): throw evaluator.ErrorAt(position, "The string is too short for this part.");
            case ("take", 1) when first is int count: return text[..Math.Clamp(count, 0, text.Length)];
            case ("drop", 1) when first is int count: return text[Math.Clamp(count, 0, text.Length)..];
            case ("padLeft" or "padRight" or "center", 1 or 2) when first is int width: return Pad(evaluator, position, text, name, width, arguments);
            case ("count", 1) when !string.IsNullOrEmpty(word): return (text.Length - text.Replace(word, "", StringComparison.Ordinal).Length) / word.Length;
            case ("readLines" or "lines", 0): return new ScriptList([.. text.Split('\n').Select(line => line.TrimEnd('\r'))]);
            case ("stripIndent", 0): return StripIndent(text);
            case ("find", 1) when word is not null || first is ScriptPattern: return Found(evaluator, position, text, first!).FirstOrDefault();
            case ("findAll", 1) when word is not null || first is ScriptPattern: return new ScriptList([.. Found(evaluator, position, text, first!)]);
            case ("toCharArray" or "toList", 0): return new ScriptList([.. Sequences.ItemsOf(evaluator, position, text)]);
            case ("each" or "collect", 1):
                return ListMethods.Call(evaluator, position, new ScriptList([.. Sequences.ItemsOf(evaluator, position, text)]), name, arguments);
        }
        return CallParsing(evaluator, position, text, name, arguments) is var parsed && !ReferenceEquals(parsed, Types.NotFound)
            ? parsed
            : CallPattern(evaluator, position, text, name, arguments, word);
    }

    /// <summary>By how much the first letters that differ do, else the lengths.</summary>
    private static int JavaOrder(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        return common < Math.Min(left.Length, right.Length) ? left[common] - right[common] : left.Length - right.Length;
    }

    private static IEnumerable<string> Found(ScriptEvaluator evaluator, ScriptPosition position, string text, object pattern) =>
        ScriptPatterns.Compile(evaluator, position, pattern is ScriptPattern made ? made.Expression : pattern.ToString()!)
            .FindAll(text)
            .Select(match => match.Value);

    private static string StripIndent(string text)
    {
        var lines = text.Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : line.TrimStart()));
    }

    private static string Pad(ScriptEvaluator evaluator, ScriptPosition position, string text, string name, int width, object?[] arguments)
    {
        evaluator.Charge(position, Math.Max(0, width));
        var filler = arguments.Length > 1 && Printing.Print(arguments[1]) is { Length: 1 } given ? given[0] : ' ';
        return name switch
        {
            "padLeft" => text.PadLeft(Math.Max(0, width), filler),
            "padRight" => text.PadRight(Math.Max(0, width), filler),
            _ => text.PadLeft(Math.Max(0, text.Length + (width - text.Length) / 2), filler).PadRight(Math.Max(0, width), filler),
        };
    }

    private static object? CallParsing(ScriptEvaluator evaluator, ScriptPosition position, string text, string name, object?[] arguments)
    {
        if (arguments.Length > 0)
            return Types.NotFound;
        return name switch
        {
            "toInteger" => Conversions.Cast(evaluator, position, text, "Integer"),
            "toLong" => Conversions.Cast(evaluator, position, text, "Long"),
            "toDouble" => Conversions.Cast(evaluator, position, text, "Double"),
            "toFloat" => Conversions.Cast(evaluator, position, text, "Float"),
            "toBigDecimal" => Conversions.Cast(evaluator, position, text, "BigDecimal"),
            "toBoolean" => text.Trim().ToLowerInvariant() is "true" or "y" or "1",
            "isInteger" => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            "isLong" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            "isNumber" or "isDouble" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            _ => Types.NotFound,
        };
    }

    private static object? CallPattern(ScriptEvaluator evaluator, ScriptPosition position, string text, string name, object?[] arguments, string? word)
    {
        var second = arguments.Length > 1 && arguments[1] is string or ComposedText ? arguments[1]!.ToString() : null;
        switch (name, arguments.Length)
        {
            case ("matches", 1) when word is not null:
                return ScriptPatterns.MatchesAll(evaluator, position, word, text);
            case ("replace", 2) when word is not null && second is not null:
                evaluator.Charge(position, word.Length == 0 ? (text.Length + 1L) * second.Length : (long)text.Length / word.Length * second.Length);
                return word.Length == 0 ? string.Concat(text.Select(letter => second + letter)) + second : text.Replace(word, second, StringComparison.Ordinal);
            case ("replaceAll" or "replaceFirst", 2) when second is not null && (word ?? (arguments[0] as ScriptPattern)?.Expression) is { } expression:
                var pattern = ScriptPatterns.Compile(evaluator, position, expression);
                var replaced = pattern.Replace(text, second, isFirstOnly: name == "replaceFirst", lengthMax: 1 << 20);
                evaluator.Charge(position, replaced?.Length ?? 0);
                return replaced ?? throw evaluator.ErrorAt(position, "The replacement takes too long or gets too large.");
            case ("split", 1) when word is not null:
                return Parts(evaluator, position, ScriptPatterns.Compile(evaluator, position, word).Split(text));
            case ("split", 0):
                return Parts(evaluator, position, text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            case ("tokenize", 0 or 1):
                return Parts(evaluator, position, text.Split((word ?? " \t\n\r\f").ToCharArray(), StringSplitOptions.RemoveEmptyEntries));
            default:
                return Types.NotFound;
        }
    }

    private static ScriptList Parts(ScriptEvaluator evaluator, ScriptPosition position, IReadOnlyList<string> parts)
    {
        evaluator.Charge(position, parts.Count);
        return new ScriptList([.. parts]);
    }

    public static object? CallBuilder(ScriptEvaluator evaluator, ScriptPosition position, ScriptTextBuilder builder, string name, object?[] arguments)
    {
        evaluator.Charge(position, builder.Text.Length);
        switch (name, arguments.Length)
        {
            case ("append", 1):
                var text = Printing.Print(arguments[0]);
                evaluator.Charge(position, text.Length);
                builder.Text.Append(text);
                return builder;
            case ("length" or "size", 0):
                return builder.Text.Length;
            case ("reverse", 0):
                var reversed = new string([.. builder.Text.ToString().Reverse()]);
                builder.Text.Clear().Append(reversed);
                return builder;
            case ("toString", 0):
                return builder.Text.ToString();
            default:
                return Types.NotFound;
        }
    }
}
