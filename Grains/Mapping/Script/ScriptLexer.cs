using System.Text;

namespace Divolte.Grains.Mapping.Script;

/// <summary>
/// Cuts a script into tokens by Groovy's rules. Newlines count, except inside round and square brackets; comments, blanks and a first line that
/// starts with <c>#!</c> do not.
/// </summary>
internal sealed partial class ScriptLexer
{
    /// <summary>Longest script, in characters.</summary>
    public const int LengthMax = 1 << 20;

    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "def", "final", "var", "true", "false", "null", "if", "else", "return", "in", "instanceof", "as", "new", "this", "super", "while", "do", "for",
        "switch", "case", "default", "break", "continue", "try", "catch", "finally", "throw", "throws", "class", "interface", "enum", "trait", "import",
        "package", "assert", "static", "private", "public", "protected", "abstract", "extends", "implements", "synchronized", "goto", "const",
        "boolean", "byte", "char", "short", "int", "long", "float", "double", "void",
    };

    /// <summary>Longest first, so that each is found before its beginning.</summary>
    private static readonly string[] Symbols =
    [
        ">>>=", "===", "!==", "<=>", "==~", "**=", "...", "<<=", ">>=", ">>>", "?.", "?:", "?=", "->", "==", "!=", "<=", ">=", "&&", "||", "++", "--",
        "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "=~", "**", "..", "<<", ">>", "::", "*.", ".&", ".@",
        "(", ")", "[", "]", "{", "}", ",", ";", ":", "?", ".", "=", "<", ">", "+", "-", "*", "/", "%", "!", "~", "&", "|", "^", "@",
    ];

    private readonly ScriptSource _source;
    private readonly string _text;
    private readonly Stack<char> _brackets = new();
    private readonly List<ScriptToken> _tokens = [];
    private int _position;
    private int _templateDepth;

    private ScriptLexer(ScriptSource source)
    {
        _source = source;
        _text = source.Text;
    }

    /// <summary>The tokens of a script, ended by one of kind <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="ScriptException">The text is no sequence of tokens.</exception>
    public static List<ScriptToken> Read(ScriptSource source)
    {
        var lexer = new ScriptLexer(source);
        if (source.Text.Length > LengthMax)
            throw lexer.Error(0, $"A mapping script has at most {LengthMax} characters, this one has {source.Text.Length}.");
        if (source.Text.StartsWith("#!", StringComparison.Ordinal))
            lexer.SkipLine();
        lexer.ReadUntil(closesTemplate: false);
        lexer.Add(TokenKind.End, "", null, source.Text.Length, isSpaced: true);
        return lexer._tokens;
    }

    private char Current => At(0);

    private char At(int offset) => _position + offset < _text.Length ? _text[_position + offset] : '\0';

    private bool IsAtEnd => _position >= _text.Length;

    private ScriptException Error(int position, string message) => _source.ErrorAt(new ScriptPosition(position), message);

    private void Add(TokenKind kind, string text, object? value, int start, bool isSpaced) =>
        _tokens.Add(new ScriptToken(kind, text, value, new ScriptPosition(start), isSpaced));

    /// <summary>Reads to the end, or within a string to the brace that closes an insertion.</summary>
    private void ReadUntil(bool closesTemplate)
    {
        var depth = _brackets.Count;
        while (true)
        {
            var isSpaced = SkipBlanks();
            if (IsAtEnd)
            {
                if (closesTemplate)
                    throw Error(_position, "The insertion ${…} is not closed before the end of the script.");
                return;
            }
            if (closesTemplate && Current == '}' && _brackets.Count == depth)
                return;
            ReadToken(isSpaced);
        }
    }

    private void ReadToken(bool isSpaced)
    {
        var start = _position;
        var letter = Current;
        if (letter == '\n')
        {
            _position++;
            if (!_brackets.TryPeek(out var open) || open == '{')
                Add(TokenKind.NewLine, "\n", null, start, isSpaced);
        }
        else if (IsNameStart(letter))
        {
            if (letter == '$' && At(1) == '/' && StartsValue())
                ReadDollarSlashy(isSpaced);
            else
                ReadName(isSpaced);
        }
        else if (char.IsAsciiDigit(letter) || letter == '.' && char.IsAsciiDigit(At(1)) && StartsValue())
            ReadNumber(isSpaced);
        else if (letter is '\'' or '"')
            ReadQuoted(isSpaced);
        else if (letter == '/' && StartsValue())
            ReadSlashy(isSpaced);
        else
            ReadSymbol(isSpaced);
    }

    /// <summary>Whether a value can start here: a slash behind a value divides.</summary>
    private bool StartsValue() => _tokens.Count == 0 || _tokens[^1] switch
    {
        { Kind: TokenKind.Identifier or TokenKind.Literal or TokenKind.Template } => false,
        { Kind: TokenKind.Keyword, Text: "true" or "false" or "null" or "this" or "super" } => false,
        { Kind: TokenKind.Symbol, Text: ")" or "]" or "}" } => false,
        _ => true,
    };

    private static bool IsNameStart(char letter) => char.IsLetter(letter) || letter is '_' or '$';

    private static bool IsNamePart(char letter) => IsNameStart(letter) || char.IsDigit(letter);

    private void ReadName(bool isSpaced)
    {
        var start = _position;
        while (!IsAtEnd && IsNamePart(Current))
            _position++;
        var name = _text[start.._position];
        // Behind a dot every word is a name.
        var isKeyword = Keywords.Contains(name) && !(_tokens.Count > 0 && (_tokens[^1].Is(".") || _tokens[^1].Is("?.")));
        Add(isKeyword ? TokenKind.Keyword : TokenKind.Identifier, name, null, start, isSpaced);
    }

    private void ReadSymbol(bool isSpaced)
    {
        var start = _position;
        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(_text, start, symbol, 0, symbol.Length) != 0)
                continue;
            _position += symbol.Length;
            TrackBracket(symbol[0], start);
            Add(TokenKind.Symbol, symbol, null, start, isSpaced);
            return;
        }
        var letter = _text[start];
        throw Error(start, letter == '\\'
            ? "A backslash outside a string is allowed only at the end of a line."
            : $"The character '{letter}' (U+{(int)letter:X4}) is not allowed here.");
    }

    private void TrackBracket(char symbol, int start)
    {
        if (symbol is '(' or '[' or '{')
            _brackets.Push(symbol);
        if (symbol is not (')' or ']' or '}'))
            return;
        if (!_brackets.TryPop(out var open))
            throw Error(start, $"'{symbol}' closes nothing.");
        var wanted = open switch { '(' => ')', '[' => ']', _ => '}' };
        if (symbol != wanted)
            throw Error(start, $"'{symbol}' found where '{wanted}' is needed to close '{open}'.");
    }

    /// <summary>Skips blanks, comments and joined lines; tells whether there was any.</summary>
    private bool SkipBlanks()
    {
        var start = _position;
        while (!IsAtEnd)
        {
            if (Current == '\\' && At(1) == '\n')
                _position += 2;
            else if (Current == '\\' && At(1) == '\r' && At(2) == '\n')
                _position += 3;
            else if (Current is ' ' or '\t' or '\r' or '\f' or '\v' or '\ufeff' or '\u00a0')
                _position++;
            else if (Current == '/' && At(1) == '/')
                SkipLine();
            else if (Current == '/' && At(1) == '*')
                SkipBlockComment();
            else
                break;
        }
        return _position > start;
    }

    private void SkipLine()
    {
        var end = _text.IndexOf('\n', _position);
        _position = end < 0 ? _text.Length : end;
    }

    private void SkipBlockComment()
    {
        var end = _text.IndexOf("*/", _position + 2, StringComparison.Ordinal);
        if (end < 0)
            throw Error(_position, "The comment is not closed before the end of the script.");
        _position = end + 2;
    }
}
