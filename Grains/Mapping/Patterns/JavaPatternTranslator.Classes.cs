using System.Globalization;
using System.Text;

namespace Divolte.Grains.Mapping.Patterns;

/// <content>Escapes and character classes.</content>
internal sealed partial class JavaPatternTranslator
{
    private static readonly CodePointSet Digits = CodePointSet.Of(('0', '9'));
    private static readonly CodePointSet WordLetters = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_'));
    private static readonly CodePointSet Blanks = CodePointSet.Of((0x09, 0x0d), (' ', ' '));
    private static readonly CodePointSet HorizontalBlanks = CodePointSet.Of(" \t\u00a0\u1680\u180e\u202f\u205f\u3000").Union(CodePointSet.Of((0x2000, 0x200a)));
    private static readonly CodePointSet VerticalBlanks = CodePointSet.Of((0x0a, 0x0d), (0x85, 0x85), (0x2028, 0x2029));

    /// <summary>What stands on one side of a word boundary.</summary>
    private const string BoundaryLetter = "[_\\p{L}\\p{Nd}]";

    /// <summary>An escape outside a class; the backslash is next.</summary>
    private string ReadEscape()
    {
        var letter = At(1);
        switch (letter)
        {
            case 'b':
                _position += 2;
                if (TryTake("{g}"))
                    throw Error("The boundary of grapheme clusters is not supported");
                return $"(?:(?<={BoundaryLetter})(?!{BoundaryLetter})|(?<!{BoundaryLetter})(?={BoundaryLetter}))";
            case 'B':
                _position += 2;
                return $"(?:(?<={BoundaryLetter})(?={BoundaryLetter})|(?<!{BoundaryLetter})(?!{BoundaryLetter}))";
            case 'A' or 'G':
                _position += 2;
                return "(?:\\A)";
            case 'z':
                _position += 2;
                return "(?:\\z)";
            case 'Z':
                _position += 2;
                return LineEnd(isMultiLine: false);
            case 'R':
                _position += 2;
                return "(?:\\r\\n|[\\n-\\r\\u0085\\u2028\\u2029])";
            case 'X':
                _position += 2;
                return _withPairs
                    ? "(?>\\r\\n|(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[^\\p{M}])(?:\\p{M}|\\u200d(?:[\\ud800-\\udbff][\\udc00-\\udfff]|.))*|\\p{M})"
                    : "(?>\\r\\n|[\\s\\S](?:\\p{M}|\\u200d[\\s\\S])*)";
            case 'k':
                return ReadNamedReference();
            case >= '1' and <= '9':
                return ReadNumberedReference();
        }
        if (TryReadSetEscape() is { } set)
            return WithCase(set).ToPattern(_withPairs);
        return Literal(ReadCharacterEscape());
    }

    private CodePointSet WithCase(CodePointSet set) => Has(Flags.IgnoreCase) ? set.IgnoreCase(Has(Flags.UnicodeCase)) : set;

    private string ReadNamedReference()
    {
        _position += 2;
        if (!TryTake("<"))
            throw Error("\\k is not followed by '<' for named capturing group");
        var end = _pattern.IndexOf('>', _position);
        var name = end < 0 ? "" : _pattern[_position..end];
        var number = name.Length == 0 ? 0 : _groups.IndexOf(name) + 1;
        if (number == 0)
            throw Error($"named capturing group <{name}> does not exist");
        _position = end + 1;
        return Reference(number);
    }

    /// <summary>Takes as many digits as name a group that was opened before.</summary>
    private string ReadNumberedReference()
    {
        _position++;
        var number = Current - '0';
        _position++;
        while (char.IsAsciiDigit(Current) && number * 10 + Current - '0' <= _groups.Count)
        {
            number = number * 10 + Current - '0';
            _position++;
        }
        return number > _groupTotal ? "(?!)" : Reference(number);
    }

    private string Reference(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"(?{(Has(Flags.IgnoreCase) ? "i" : "")}:\\{number})");

    /// <summary>Reads an escape that stands for a set; null when it is none.</summary>
    private CodePointSet? TryReadSetEscape()
    {
        var isUnicode = Has(Flags.UnicodeClasses);
        var letter = At(1);
        var set = letter switch
        {
            'd' or 'D' => isUnicode ? UnicodeProperties.Find("Nd", true)! : Digits,
            'w' or 'W' => isUnicode ? UnicodeProperties.Find("IsWord", true)! : WordLetters,
            's' or 'S' => isUnicode ? UnicodeProperties.Find("IsWhite_Space", true)! : Blanks,
            'h' or 'H' => HorizontalBlanks,
            'v' or 'V' => VerticalBlanks,
            _ => null,
        };
        if (set is not null)
        {
            _position += 2;
            return char.IsAsciiLetterUpper(letter) ? set.Complement() : set;
        }
        if (letter is not ('p' or 'P'))
            return null;
        _position += 2;
        string name;
        if (TryTake("{"))
        {
            var end = _pattern.IndexOf('}', _position);
            if (end < 0)
                throw Error("Unclosed character family");
            name = _pattern[_position..end];
            _position = end + 1;
        }
        else
        {
            name = Current.ToString();
            _position++;
        }
        set = UnicodeProperties.Find(name, isUnicode) ?? throw Error($"Unknown character property name {{{name}}}");
        return letter == 'P' ? set.Complement() : set;
    }

    /// <summary>Reads an escape that stands for one character; the backslash is next.</summary>
    private int ReadCharacterEscape()
    {
        _position++;
        if (IsAtEnd)
            throw Error("Unexpected internal error: the pattern ends in a backslash");
        var letter = Current;
        switch (letter)
        {
            case 't': _position++; return '\t';
            case 'n': _position++; return '\n';
            case 'r': _position++; return '\r';
            case 'f': _position++; return '\f';
            case 'a': _position++; return 0x07;
            case 'e': _position++; return 0x1b;
            case 'c' when _position + 1 < _pattern.Length:
                _position += 2;
                return _pattern[_position - 1] ^ 64;
            case '0':
                return ReadOctal();
            case 'x':
                return ReadHexadecimal();
            case 'u':
                return ReadUnicode();
            case 'N':
                throw Error("Character names are not supported");
        }
        if (char.IsAsciiLetterOrDigit(letter))
            throw Error("Illegal/unsupported escape sequence");
        return ReadRune();
    }

    private int ReadOctal()
    {
        _position++;
        if (Current is not (>= '0' and <= '7'))
            throw Error("Illegal octal escape sequence");
        var value = 0;
        for (var digits = 0; digits < 3 && Current is >= '0' and <= '7' && value * 8 + Current - '0' <= 255; digits++)
            value = value * 8 + _pattern[_position++] - '0';
        return value;
    }

    private int ReadHexadecimal()
    {
        _position++;
        if (!TryTake("{"))
            return ReadFixedHexadecimal(2, "Illegal hexadecimal escape sequence");
        var end = _pattern.IndexOf('}', _position);
        if (end < 0 || !int.TryParse(_pattern.AsSpan(_position, end - _position), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            || code is < 0 or > 0x10ffff)
        {
            throw Error("Illegal hexadecimal escape sequence");
        }
        _position = end + 1;
        return code;
    }

    private int ReadUnicode()
    {
        _position++;
        var code = ReadFixedHexadecimal(4, "Illegal Unicode escape sequence");
        if (!char.IsHighSurrogate((char)code) || Current != '\\' || At(1) != 'u')
            return code;
        var before = _position;
        _position += 2;
        var low = ReadFixedHexadecimal(4, "Illegal Unicode escape sequence");
        if (char.IsLowSurrogate((char)low))
            return char.ConvertToUtf32((char)code, (char)low);
        _position = before;
        return code;
    }

    private int ReadFixedHexadecimal(int digits, string error)
    {
        if (_position + digits > _pattern.Length ||
            !int.TryParse(_pattern.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            throw Error(error);
        }
        _position += digits;
        return code;
    }

    /// <summary>A class up to its closing bracket; the opening one is taken.</summary>
    private CodePointSet ReadClass()
    {
        if (++_depth > DepthMax)
            throw Error($"Nested deeper than {DepthMax} levels");
        var isNegated = TryTake("^");
        CodePointSet? intersected = null;
        var current = CodePointSet.Empty;
        var isEmpty = true;
        while (true)
        {
            SkipComments();
            if (IsAtEnd)
                throw Error("Unclosed character class");
            if (Current == ']' && (!isEmpty || intersected is not null))
                break;
            if (TryTake("&&"))
            {
                if (!isEmpty)
                    intersected = intersected is null ? current : intersected.Intersect(current);
                current = CodePointSet.Empty;
                isEmpty = true;
                continue;
            }
            if (TryTake("["))
                current = current.Union(ReadClass());
            else
                current = current.Union(WithCase(ReadClassItem()));
            isEmpty = false;
        }
        _position++;
        _depth--;
        var result = intersected is null ? current : isEmpty ? intersected : intersected.Intersect(current);
        return isNegated ? result.Complement() : result;
    }

    private CodePointSet ReadClassItem()
    {
        if (Current == '\\' && TryReadSetEscape() is { } set)
            return set;
        var from = Current == '\\' ? ReadCharacterEscape() : ReadRune();
        SkipComments();
        if (Current != '-' || At(1) is ']' or '[' or '\0')
            return CodePointSet.Of((from, from));
        _position++;
        SkipComments();
        if (Current == '\\' && At(1) is 'd' or 'D' or 'w' or 'W' or 's' or 'S' or 'p' or 'P')
            throw Error("Illegal character range");
        var to = Current == '\\' ? ReadCharacterEscape() : ReadRune();
        return to < from ? throw Error("Illegal character range") : CodePointSet.Of((from, to));
    }
}
