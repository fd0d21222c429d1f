using System.Globalization;
using System.Text;

namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>Text to tokens, with the line of each.</summary>
internal sealed class HoconLexer(string text, string source)
{
    private readonly List<HoconToken> _tokens = [];
    private int _at;
    private int _line = 1;

    /// <exception cref="HoconException">A string or substitution does not end, or a reserved character stands in unquoted text.</exception>
    public static List<HoconToken> Tokenize(string text, string source) => new HoconLexer(text, source).Run();

    private List<HoconToken> Run()
    {
        if (text.Length > HoconLimits.FileCharacters)
            throw Fail($"the file has more than {HoconLimits.FileCharacters} characters");
        while (_at < text.Length)
            Next();
        _tokens.Add(new HoconToken(HoconTokenKind.EndOfFile, "", _line));
        return _tokens;
    }

    private void Next()
    {
        var character = text[_at];
        if (character == '\n')
        {
            Add(HoconTokenKind.Newline, 1);
            _line++;
        }
        else if (HoconText.IsBlank(character))
        {
            Add(HoconTokenKind.Blank, CountWhile(HoconText.IsBlank));
        }
        else if (character == '#' || StartsWith("//"))
        {
            var end = text.IndexOf('\n', _at);
            _at = end < 0 ? text.Length : end;
        }
        else
        {
            Symbol(character);
        }
    }

    private void Symbol(char character)
    {
        switch (character)
        {
            case ',': Add(HoconTokenKind.Comma, 1); break;
            case '=': Add(HoconTokenKind.Equals, 1); break;
            case ':': Add(HoconTokenKind.Colon, 1); break;
            case '{': Add(HoconTokenKind.ObjectStart, 1); break;
            case '}': Add(HoconTokenKind.ObjectEnd, 1); break;
            case '[': Add(HoconTokenKind.ListStart, 1); break;
            case ']': Add(HoconTokenKind.ListEnd, 1); break;
            case '+' when StartsWith("+="): Add(HoconTokenKind.PlusEquals, 2); break;
            case '"' when StartsWith("\"\"\""): TripleQuoted(); break;
            case '"': Quoted(); break;
            case '$' when StartsWith("${"): Substitution(); break;
            default: Unquoted(character); break;
        }
    }

    private void Unquoted(char first)
    {
        if (HoconText.IsReserved(first))
            throw Fail($"'{first}' is a reserved character and cannot stand in unquoted text; put the value into double quotes if it is meant as text");

        // A number may hold a plus sign, which other unquoted text may not.
        if (first == '-' || char.IsAsciiDigit(first))
        {
            var length = CountWhile(c => char.IsAsciiDigit(c) || c is '-' or '+' or '.' or 'e' or 'E');
            if (HoconText.IsNumber(text.AsSpan(_at, length)))
            {
                Add(HoconTokenKind.Number, length);
                return;
            }
        }

        var end = _at;
        while (end < text.Length && text[end] != '\n' && !HoconText.IsBlank(text[end]) && !HoconText.IsReserved(text[end])
            && !(text[end] == '/' && end + 1 < text.Length && text[end + 1] == '/'))
        {
            end++;
        }

        Add(HoconTokenKind.Unquoted, end - _at);
    }

    private void Quoted()
    {
        var line = _line;
        var content = new StringBuilder();
        for (_at++; ; _at++)
        {
            if (_at >= text.Length)
                throw Fail("a quoted string is not closed before the end of file", line);
            var character = text[_at];
            if (character == '"')
                break;
            if (character == '\n')
                throw Fail("a quoted string is not closed before the end of its line (use triple quotes for text with line ends)", line);
            content.Append(character == '\\' ? Escape() : character);
        }

        _at++;
        _tokens.Add(new HoconToken(HoconTokenKind.Quoted, content.ToString(), line));
    }

    private char Escape()
    {
        _at++;
        var escaped = _at < text.Length ? text[_at] : '\0';
        switch (escaped)
        {
            case '"' or '\\' or '/': return escaped;
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when _at + 4 < text.Length
                && ushort.TryParse(text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                _at += 4;
                return (char)unit;
            default:
                throw Fail("a backslash in a quoted string must be followed by one of \" \\ / b f n r t or by u and four hexadecimal digits");
        }
    }

    private void TripleQuoted()
    {
        var line = _line;
        var start = _at + 3;
        var end = text.IndexOf("\"\"\"", start, StringComparison.Ordinal);
        if (end < 0)
            throw Fail("a triple-quoted string is not closed before the end of file", line);
        // Quotes beyond three at the end belong to the content.
        while (end + 3 < text.Length && text[end + 3] == '"')
            end++;
        var content = text[start..end];
        _line += content.AsSpan().Count('\n');
        _at = end + 3;
        _tokens.Add(new HoconToken(HoconTokenKind.Quoted, content, line));
    }

    private void Substitution()
    {
        var start = _at;
        var isOptional = StartsWith("${?");
        _at += isOptional ? 3 : 2;
        var firstToken = _tokens.Count;
        while (true)
        {
            if (_at >= text.Length || text[_at] == '\n')
                throw Fail("a substitution ${ is not closed by } on its line");
            if (text[_at] == '}')
                break;
            if (StartsWith("${"))
                throw Fail("a substitution cannot stand inside another one");
            Next();
        }

        _at++;
        var inner = _tokens[firstToken..];
        _tokens.RemoveRange(firstToken, inner.Count);
        var expression = text[start.._at];
        if (inner.Count > 0 && inner[0].Kind == HoconTokenKind.Blank)
            inner.RemoveAt(0);
        if (inner.Count > 0 && inner[^1].Kind == HoconTokenKind.Blank)
            inner.RemoveAt(inner.Count - 1);
        var path = HoconPath.Parse(inner.ToArray(), new HoconOrigin(source, _line));
        _tokens.Add(new HoconToken(HoconTokenKind.Substitution, expression, _line, path, isOptional));
    }

    private int CountWhile(Func<char, bool> belongs)
    {
        var end = _at;
        while (end < text.Length && belongs(text[end]))
            end++;
        return end - _at;
    }

    private bool StartsWith(string symbol) => string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) == 0;

    private void Add(HoconTokenKind kind, int length)
    {
        _tokens.Add(new HoconToken(kind, text.Substring(_at, length), _line));
        _at += length;
    }

    private HoconException Fail(string reason, int line = 0) => new(new HoconOrigin(source, line > 0 ? line : _line), reason);
}
