using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Divolte.Grains.Mapping.JsonPaths;

/// <summary>Compiles paths.</summary>
internal sealed partial class JsonPathParser
{
    private const int LengthMax = 10_000;
    private const int DepthMax = 50;

    private readonly string _text;
    private int _position;
    private int _depth;

    private JsonPathParser(string text) => _text = text;

    private sealed class PathError(string message) : Exception(message);

    /// <summary>Compiles a path.</summary>
    /// <param name="text">The path; one that starts neither with <c>$</c> nor <c>@</c> starts at the root.</param>
    /// <param name="path">The path.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPath? path, [NotNullWhen(false)] out string? error)
    {
        path = null;
        error = null;
        var trimmed = text.Trim();
        if (!trimmed.StartsWith('$') && !trimmed.StartsWith('@'))
            trimmed = "$." + trimmed;
        try
        {
            if (trimmed.Length > LengthMax)
                throw new PathError($"it has more than {LengthMax} characters");
            if (trimmed.EndsWith('.'))
                throw new PathError("it must not end with a '.'");
            var parser = new JsonPathParser(trimmed) { _position = 1 };
            path = parser.ReadPath(endsAtOperator: false);
            return true;
        }
        catch (PathError problem)
        {
            error = problem.Message;
            return false;
        }
    }

    private char Current => At(0);

    private char At(int offset) => _position + offset < _text.Length ? _text[_position + offset] : '\0';

    private bool IsAtEnd => _position >= _text.Length;

    private PathError Error(string message) => new($"{message} at character {_position + 1}");

    private void SkipBlanks()
    {
        while (Current == ' ')
            _position++;
    }

    private bool TryTake(string text)
    {
        if (string.CompareOrdinal(_text, _position, text, 0, text.Length) != 0)
            return false;
        _position += text.Length;
        return true;
    }

    private void Expect(char letter)
    {
        if (Current != letter)
            throw Error($"'{letter}' expected");
        _position++;
    }

    /// <summary>Reads the steps behind the root sign: to the end, or inside a filter to whatever is no step.</summary>
    private JsonPath ReadPath(bool endsAtOperator)
    {
        if (++_depth > DepthMax)
            throw Error("nested too deeply");
        var steps = new List<PathStep>();
        var function = PathFunction.None;
        while (!IsAtEnd && function == PathFunction.None)
        {
            if (TryTake(".."))
            {
                steps.Add(new ScanStep());
                if (IsAtEnd || Current == '.')
                    throw Error("a step expected behind '..'");
                steps.Add(Current == '[' ? ReadBracket() : ReadName(ref function) ?? throw Error("a name expected behind '..'"));
            }
            else if (Current == '.' && At(1) == '[')
                _position++;
            else if (Current == '.')
            {
                _position++;
                if (ReadName(ref function) is { } step)
                    steps.Add(step);
            }
            else if (Current == '[')
                steps.Add(ReadBracket());
            else if (endsAtOperator)
                break;
            else
                throw Error($"'{Current}' is not expected here");
        }
        if (function != PathFunction.None && !IsAtEnd && !endsAtOperator)
            throw Error("nothing may follow a function");
        _depth--;
        return new JsonPath(steps, function);
    }

    /// <summary>Reads a name or <c>*</c>; a name with parentheses is a function.</summary>
    private PathStep? ReadName(ref PathFunction function)
    {
        if (Current == '*')
        {
            _position++;
            return new WildcardStep();
        }
        var start = _position;
        while (!IsAtEnd && Current is not ('.' or '[' or '(' or ' ' or ')' or '=' or '<' or '>' or '!' or '&' or '|' or '~' or ','))
            _position++;
        // Operators end a name only inside filters; elsewhere they belong to it.
        if (_depth == 1)
        {
            while (!IsAtEnd && Current is not ('.' or '[' or '('))
                _position++;
        }
        var name = _text[start.._position].TrimEnd(' ');
        if (name.Length == 0)
            throw Error("a name expected");
        if (Current != '(')
            return name.Contains(' ', StringComparison.Ordinal)
                ? throw Error("a name with blanks must be written as ['…']")
                : new MemberStep([Encoding.UTF8.GetBytes(name)]);
        SkipArguments();
        function = name switch
        {
            "min" or "max" or "avg" or "sum" or "stddev" => PathFunction.Number,
            "length" => PathFunction.Length,
            "concat" or "keys" or "append" or "size" => PathFunction.Other,
            _ => throw Error($"there is no function {name}"),
        };
        return null;
    }

    private void SkipArguments()
    {
        var depth = 0;
        do
        {
            if (IsAtEnd)
                throw Error("the arguments are not closed");
            depth += Current switch { '(' => 1, ')' => -1, _ => 0 };
            _position++;
        }
        while (depth > 0);
    }

    private PathStep ReadBracket()
    {
        Expect('[');
        SkipBlanks();
        PathStep step;
        if (Current is '\'' or '"')
            step = new MemberStep(ReadNames());
        else if (Current == '*')
        {
            _position++;
            step = new WildcardStep();
        }
        else if (Current == '?')
            step = ReadFilter();
        else
            step = ReadIndexes();
        SkipBlanks();
        Expect(']');
        return step;
    }

    private List<byte[]> ReadNames()
    {
        var names = new List<byte[]>();
        do
        {
            SkipBlanks();
            if (Current is not ('\'' or '"'))
                throw Error("a name in quotes expected");
            names.Add(Encoding.UTF8.GetBytes(ReadQuoted()));
            SkipBlanks();
        }
        while (TryTake(","));
        return names;
    }

    private string ReadQuoted()
    {
        var quote = Current;
        _position++;
        var text = new StringBuilder();
        while (Current != quote)
        {
            if (IsAtEnd)
                throw Error("the text in quotes is not closed");
            if (Current == '\\' && _position + 1 < _text.Length)
            {
                _position++;
                AppendEscape(text);
            }
            else
                text.Append(_text[_position++]);
        }
        _position++;
        return text.ToString();
    }

    private void AppendEscape(StringBuilder text)
    {
        var letter = _text[_position++];
        if (letter == 'u' && _position + 4 <= _text.Length &&
            ushort.TryParse(_text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            text.Append((char)code);
            _position += 4;
            return;
        }
        text.Append(letter switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => letter });
    }

    /// <summary>Numbers and slices; a step of a slice is read and ignored.</summary>
    private PathStep ReadIndexes()
    {
        var end = _text.IndexOf(']', _position);
        if (end < 0)
            throw Error("the bracket is not closed");
        var content = _text[_position..end].Replace(" ", "", StringComparison.Ordinal);
        if (content.Length == 0 || !content.All(letter => char.IsAsciiDigit(letter) || letter is '-' or ':' or ','))
            throw Error("a number, slice, filter or name in quotes expected");
        _position = end;
        if (!content.Contains(':', StringComparison.Ordinal))
            return new IndexStep(content.Split(',').Select(Number).ToList());
        var parts = content.Split(':');
        int? from = parts[0].Length == 0 ? null : Number(parts[0]);
        int? to = parts[1].Length == 0 ? null : Number(parts[1]);
        return from is null && to is null ? throw Error("a slice needs a start or an end") : new SliceStep(from, to);
    }

    private int Number(string digits) =>
        int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : throw Error($"'{digits}' is no index");
}
