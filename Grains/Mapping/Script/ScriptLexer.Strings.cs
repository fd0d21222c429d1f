using System.Globalization;
using System.Text;

namespace Divolte.Grains.Mapping.Script;

/// <content>Strings in all their forms.</content>
internal sealed partial class ScriptLexer
{
    /// <summary>Deepest nesting of strings in insertions of strings.</summary>
    private const int TemplateDepthMax = 20;

    private void ReadQuoted(bool isSpaced)
    {
        var start = _position;
        var quote = Current;
        var isTriple = At(1) == quote && At(2) == quote;
        _position += isTriple ? 3 : 1;
        var parts = new TemplateParts();
        while (true)
        {
            if (IsAtEnd || !isTriple && Current == '\n')
                throw Error(start, "The string is not closed" + (isTriple ? "." : " on its line."));
            if (Current == quote && (!isTriple || At(1) == quote && At(2) == quote))
                break;
            if (Current == '\\')
                ReadEscape(parts.Text, start);
            else if (Current == '$' && quote == '"')
                ReadInsertion(parts, isSlashy: false);
            else if (Current == '\r' && At(1) == '\n')
                _position++;
            else
                parts.Text.Append(_text[_position++]);
        }
        _position += isTriple ? 3 : 1;
        AddString(parts, start, isSpaced);
    }

    private void ReadEscape(StringBuilder text, int start)
    {
        var at = _position;
        var letter = At(1);
        _position += 2;
        switch (letter)
        {
            case 'b': text.Append('\b'); break;
            case 't': text.Append('\t'); break;
            case 'n': text.Append('\n'); break;
            case 'f': text.Append('\f'); break;
            case 'r': text.Append('\r'); break;
            case '"' or '\'' or '\\' or '$': text.Append(letter); break;
            case '\n': break;
            case '\r' when Current == '\n': _position++; break;
            case >= '0' and <= '7':
                var value = letter - '0';
                for (var digits = 1; digits < (letter <= '3' ? 3 : 2) && Current is >= '0' and <= '7'; digits++)
                    value = value * 8 + (_text[_position++] - '0');
                text.Append((char)value);
                break;
            case 'u' when _position + 4 <= _text.Length && IsHexadecimal(_text.AsSpan(_position, 4)):
                text.Append((char)ushort.Parse(_text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                _position += 4;
                break;
            case '\0' when _position > _text.Length:
                throw Error(start, "The string is not closed.");
            default:
                throw Error(at, $"'\\{letter}' is no escape in a string; write '\\\\' for a backslash.");
        }
    }

    private static bool IsHexadecimal(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiHexDigit(letter))
                return false;
        }
        return true;
    }

    /// <summary>Reads <c>${…}</c> or <c>$name.name</c> into the parts of a string.</summary>
    private void ReadInsertion(TemplateParts parts, bool isSlashy)
    {
        var start = _position++;
        if (Current == '{')
        {
            if (++_templateDepth > TemplateDepthMax)
                throw Error(start, "Strings are nested too deeply in one another.");
            _position++;
            var before = _tokens.Count;
            _brackets.Push('{');
            ReadUntil(closesTemplate: true);
            _brackets.Pop();
            _position++;
            _templateDepth--;
            parts.Insert(TakeTokens(before, start));
        }
        else if (char.IsLetter(Current) || Current == '_')
        {
            var before = _tokens.Count;
            ReadInsertedName();
            while (Current == '.' && (char.IsLetter(At(1)) || At(1) == '_'))
            {
                Add(TokenKind.Symbol, ".", null, _position++, isSpaced: false);
                ReadInsertedName();
            }
            parts.Insert(TakeTokens(before, start));
        }
        else if (isSlashy)
            parts.Text.Append('$');
        else
            throw Error(start, "A '$' in a string in double quotes must start an insertion; write '\\$', or use single quotes.");
    }

    /// <summary>A dollar sign ends an inserted name, unlike other names.</summary>
    private void ReadInsertedName()
    {
        var start = _position;
        while (!IsAtEnd && (char.IsLetterOrDigit(Current) || Current == '_'))
            _position++;
        Add(TokenKind.Identifier, _text[start.._position], null, start, isSpaced: false);
    }

    private List<ScriptToken> TakeTokens(int from, int start)
    {
        var taken = _tokens[from..];
        _tokens.RemoveRange(from, taken.Count);
        taken.Add(new ScriptToken(TokenKind.End, "", null, new ScriptPosition(start), true));
        return taken;
    }

    private void ReadSlashy(bool isSpaced)
    {
        var start = _position++;
        var parts = new TemplateParts();
        while (Current != '/' || IsAtEnd)
        {
            if (IsAtEnd)
                throw Error(start, "The string between slashes is not closed before the end of the script.");
            if (Current == '\\' && At(1) == '/')
            {
                parts.Text.Append('/');
                _position += 2;
            }
            else if (Current == '$')
                ReadInsertion(parts, isSlashy: true);
            else
                parts.Text.Append(_text[_position++]);
        }
        _position++;
        AddString(parts, start, isSpaced);
    }

    private void ReadDollarSlashy(bool isSpaced)
    {
        var start = _position;
        _position += 2;
        var parts = new TemplateParts();
        while (Current != '/' || At(1) != '$')
        {
            if (IsAtEnd)
                throw Error(start, "The string is not closed by '/$' before the end of the script.");
            if (Current == '$' && At(1) is '$' or '/' && Current == '$')
            {
                parts.Text.Append(At(1));
                _position += 2;
            }
            else if (Current == '$')
                ReadInsertion(parts, isSlashy: true);
            else
                parts.Text.Append(_text[_position++]);
        }
        _position += 2;
        AddString(parts, start, isSpaced);
    }

    private void AddString(TemplateParts parts, int start, bool isSpaced)
    {
        if (parts.Finish() is { } template)
            Add(TokenKind.Template, "", template, start, isSpaced);
        else
            Add(TokenKind.Literal, parts.Text.ToString(), parts.Text.ToString(), start, isSpaced);
    }

    /// <summary>Texts and insertions of one string, in order.</summary>
    private sealed class TemplateParts
    {
        private readonly List<object> _parts = [];

        /// <summary>The text since the last insertion.</summary>
        public StringBuilder Text { get; } = new();

        public void Insert(List<ScriptToken> tokens)
        {
            _parts.Add(Text.ToString());
            _parts.Add(tokens);
            Text.Clear();
        }

        /// <summary>All parts; null when there is no insertion.</summary>
        public List<object>? Finish()
        {
            if (_parts.Count == 0)
                return null;
            _parts.Add(Text.ToString());
            return _parts;
        }
    }
}
