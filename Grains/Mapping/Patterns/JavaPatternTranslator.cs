using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Divolte.Grains.Mapping.Patterns;

/// <summary>
/// Translates regular expressions from Java's dialect to .NET's. Every set of characters is worked out as a set of code points, so that nothing
/// depends on what the two mean by the same letter.
/// </summary>
internal sealed partial class JavaPatternTranslator
{
    /// <summary>Deepest nesting of groups and classes.</summary>
    private const int DepthMax = 100;

    [Flags]
    private enum Flags
    {
        None = 0,
        IgnoreCase = 1,
        UnixLines = 2,
        MultiLine = 4,
        DotAll = 8,
        UnicodeCase = 16,
        Comments = 32,
        UnicodeClasses = 64,
    }

    /// <summary>A pattern in .NET's dialect.</summary>
    /// <param name="Basic">For texts without characters beyond U+FFFF.</param>
    /// <param name="WithPairs">For all texts.</param>
    /// <param name="GroupNames">Name of each group in order; empty for unnamed ones.</param>
    internal sealed record Translation(string Basic, string WithPairs, List<string> GroupNames);

    private sealed class PatternError(string message) : Exception(message);

    private readonly string _pattern;
    private readonly bool _withPairs;
    private readonly int _groupTotal;
    private readonly List<string> _groups = [];
    private Flags _flags;
    private int _position;
    private int _depth;

    private JavaPatternTranslator(string pattern, bool withPairs, int groupTotal)
    {
        _pattern = pattern;
        _withPairs = withPairs;
        _groupTotal = groupTotal;
    }

    /// <summary>Translates a pattern.</summary>
    public static bool TryTranslate(string pattern, [NotNullWhen(true)] out Translation? translation, [NotNullWhen(false)] out string? error)
    {
        translation = null;
        error = null;
        try
        {
            var text = Unquote(pattern);
            // Whether a back-reference can ever match depends on how many groups there are in all, which only a first pass tells.
            var first = new JavaPatternTranslator(text, withPairs: false, groupTotal: int.MaxValue);
            first.ReadAll();
            var total = first._groups.Count;
            translation = new Translation(
                new JavaPatternTranslator(text, withPairs: false, total).ReadAll(),
                new JavaPatternTranslator(text, withPairs: true, total).ReadAll(),
                first._groups);
            return true;
        }
        catch (PatternError problem)
        {
            error = problem.Message;
            return false;
        }
    }

    /// <summary>Replaces <c>\Q…\E</c> by its escaped content, everywhere, as Java does before anything else.</summary>
    private static string Unquote(string pattern)
    {
        var start = pattern.IndexOf("\\Q", StringComparison.Ordinal);
        if (start < 0)
            return pattern;
        var result = new StringBuilder();
        for (var index = 0; index < pattern.Length; index++)
        {
            if (pattern[index] != '\\' || index + 1 == pattern.Length)
            {
                result.Append(pattern[index]);
                continue;
            }
            if (pattern[index + 1] != 'Q')
            {
                result.Append(pattern, index++, 2);
                continue;
            }
            var end = pattern.IndexOf("\\E", index + 2, StringComparison.Ordinal);
            var content = end < 0 ? pattern[(index + 2)..] : pattern[(index + 2)..end];
            foreach (var letter in content)
            {
                if (letter < 0x80 && !char.IsAsciiLetterOrDigit(letter))
                    result.Append('\\');
                result.Append(letter);
            }
            index = end < 0 ? pattern.Length : end + 1;
        }
        return result.ToString();
    }

    private bool IsAtEnd => _position >= _pattern.Length;

    private char Current => IsAtEnd ? '\0' : _pattern[_position];

    private char At(int offset) => _position + offset < _pattern.Length ? _pattern[_position + offset] : '\0';

    private bool Has(Flags flag) => (_flags & flag) != 0;

    private PatternError Error(string message) => new($"{message} near index {_position}");

    private bool TryTake(string text)
    {
        if (string.CompareOrdinal(_pattern, _position, text, 0, text.Length) != 0)
            return false;
        _position += text.Length;
        return true;
    }

    private string ReadAll()
    {
        var result = ReadAlternatives();
        return IsAtEnd ? result : throw Error("Unmatched closing ')'");
    }

    private string ReadAlternatives()
    {
        if (++_depth > DepthMax)
            throw Error($"Nested deeper than {DepthMax} levels");
        var result = new StringBuilder();
        while (true)
        {
            SkipComments();
            if (IsAtEnd || Current == ')')
                break;
            if (Current == '|')
            {
                result.Append('|');
                _position++;
                continue;
            }
            var atom = ReadAtom();
            result.Append(ReadQuantifier(atom));
        }
        _depth--;
        return result.ToString();
    }

    private void SkipComments()
    {
        while (Has(Flags.Comments) && !IsAtEnd)
        {
            if (Current is ' ' or >= '\t' and <= '\r')
                _position++;
            else if (Current == '#')
            {
                while (!IsAtEnd && Current is not ('\n' or '\r' or '\u0085' or '\u2028' or '\u2029'))
                    _position++;
            }
            else
                break;
        }
    }

    private string ReadQuantifier(string atom)
    {
        SkipComments();
        string quantifier;
        switch (Current)
        {
            case '?' or '*' or '+' when !IsAtEnd:
                quantifier = Current.ToString();
                _position++;
                break;
            case '{' when char.IsAsciiDigit(At(1)):
                quantifier = ReadCount();
                break;
            case '{':
                throw Error("Illegal repetition");
            default:
                return atom;
        }
        // What stands for an atom may be several elements; a group of its own keeps them together.
        var repeated = IsSingle(atom) ? atom + quantifier : $"(?:{atom}){quantifier}";
        if (Current == '?')
        {
            _position++;
            return repeated + "?";
        }
        if (Current != '+')
            return repeated;
        _position++;
        return $"(?>{repeated})";
    }

    private static bool IsSingle(string atom) => atom.Length == 1 || atom[0] == '[' || atom[0] == '(' || atom[0] == '\\' && atom.Length is 2 or 6;

    private string ReadCount()
    {
        _position++;
        var minimum = ReadNumber();
        if (Current == ',' && At(1) == '}')
        {
            _position += 2;
            return string.Create(CultureInfo.InvariantCulture, $"{{{minimum},}}");
        }
        var maximum = minimum;
        if (Current == ',')
        {
            _position++;
            maximum = ReadNumber();
        }
        if (Current != '}')
            throw Error("Unclosed counted closure");
        if (maximum < minimum)
            throw Error("Illegal repetition range");
        _position++;
        return string.Create(CultureInfo.InvariantCulture, $"{{{minimum},{maximum}}}");
    }

    private int ReadNumber()
    {
        long value = 0;
        if (!char.IsAsciiDigit(Current))
            throw Error("Illegal repetition");
        while (char.IsAsciiDigit(Current))
        {
            value = value * 10 + Current - '0';
            if (value > int.MaxValue)
                throw Error("Illegal repetition range");
            _position++;
        }
        return (int)value;
    }

    private string ReadAtom()
    {
        switch (Current)
        {
            case '(':
                return ReadGroup();
            case '[':
                _position++;
                return ReadClass().ToPattern(_withPairs);
            case '\\':
                return ReadEscape();
            case '^':
                _position++;
                return LineStart();
            case '$':
                _position++;
                return LineEnd(isMultiLine: Has(Flags.MultiLine));
            case '.':
                _position++;
                return Dot().ToPattern(_withPairs);
            case '*' or '+' or '?':
                throw Error($"Dangling meta character '{Current}'");
            case '{':
                throw Error("Illegal repetition");
            default:
                return Literal(ReadRune());
        }
    }

    private int ReadRune()
    {
        if (!Rune.TryGetRuneAt(_pattern, _position, out var rune))
        {
            _position++;
            return 0xfffd;
        }
        _position += rune.Utf16SequenceLength;
        return rune.Value;
    }

    private string Literal(int code)
    {
        var set = CodePointSet.Of((code, code));
        if (Has(Flags.IgnoreCase))
            set = set.IgnoreCase(Has(Flags.UnicodeCase));
        if (set.Ranges.Count > 1 || set.Ranges[0].From != set.Ranges[0].To)
            return set.ToPattern(_withPairs);
        return code > 0xffff
            ? set.ToPattern(_withPairs)
            : code < 0x80 && char.IsAsciiLetterOrDigit((char)code) ? ((char)code).ToString() : $"\\u{code:x4}";
    }

    private CodePointSet Dot()
    {
        if (Has(Flags.DotAll))
            return CodePointSet.All;
        return CodePointSet.Of(Has(Flags.UnixLines) ? "\n" : "\n\r\u0085\u2028\u2029").Complement();
    }

    private string LineStart()
    {
        if (!Has(Flags.MultiLine))
            return "(?:\\A)";
        return Has(Flags.UnixLines)
            ? "(?:(?:\\A|(?<=\\n))(?!\\z))"
            : "(?:(?:\\A|(?<=[\\n\\u0085\\u2028\\u2029])|(?<=\\r)(?!\\n))(?!\\z))";
    }

    private string LineEnd(bool isMultiLine)
    {
        if (Has(Flags.UnixLines))
            return isMultiLine ? "(?:(?=\\n)|\\z)" : "(?=\\n?\\z)";
        // Not between the two characters of a Windows line end.
        return isMultiLine
            ? "(?:(?=[\\r\\u0085\\u2028\\u2029])|(?<!\\r)(?=\\n)|\\z)"
            : "(?:(?=(?:\\r\\n|[\\r\\u0085\\u2028\\u2029])?\\z)|(?<!\\r)(?=\\n\\z))";
    }
}
