namespace Divolte.Grains.UserAgents.Prefilter;

/// <summary>
/// What a text must contain for a pattern to match it: a list of sets, of each set at least one member, all in lower case. The empty list says nothing.
/// Reads the plain subset of the regular-expression language that the rules are written in; any other construct gives the empty list, so that the rule is
/// always tried. May ask for less than the pattern does, never for more.
/// </summary>
internal ref struct PatternLiterals
{
    /// <summary>A set with more members than this costs more than it is worth. The longest of the rules, which tells robots by name, has about 120.</summary>
    private const int MembersMax = 256;

    /// <summary>Longer texts gain nothing in choosing and cost states.</summary>
    private const int LengthMax = 24;

    private readonly ReadOnlySpan<char> _pattern;
    private int _position;
    private bool _isKnown = true;

    private PatternLiterals(ReadOnlySpan<char> pattern) => _pattern = pattern;

    public static IReadOnlyList<string[]> Required(string pattern)
    {
        var reader = new PatternLiterals(pattern);
        var whole = reader.ReadAlternatives();
        if (!reader._isKnown || reader._position < pattern.Length)
            return [];
        whole.CloseExact();
        return whole.Required;
    }

    private Need ReadAlternatives()
    {
        var first = ReadSequence();
        if (!TryTake('|'))
            return first;
        var branches = new List<Need> { first };
        do
            branches.Add(ReadSequence());
        while (TryTake('|'));
        return Need.AnyOf(branches);
    }

    private Need ReadSequence()
    {
        var whole = Need.Nothing();
        while (_isKnown && _position < _pattern.Length && _pattern[_position] is not ('|' or ')'))
        {
            var piece = ReadPiece();
            whole.Append(ReadQuantifier(piece));
        }
        return whole;
    }

    private Need ReadPiece()
    {
        var character = _pattern[_position++];
        switch (character)
        {
            case '^' or '$':
                return Need.Nothing();
            case '.':
                return Need.Anything();
            case '(':
                if (TryTake('?') && !TryTake(':'))
                    return Unknown();
                var inner = ReadAlternatives();
                return TryTake(')') ? inner : Unknown();
            case '[':
                return ReadClass();
            case '\\':
                return ReadEscape();
            case '*' or '+' or '?' or '{':
                return Unknown();
            default:
                return Need.Exactly(character);
        }
    }

    private Need ReadEscape()
    {
        if (_position == _pattern.Length)
            return Unknown();
        var character = _pattern[_position++];
        return character switch
        {
            'd' or 'D' or 'w' or 'W' or 's' or 'S' => Need.Anything(),
            'b' or 'B' => Need.Nothing(),
            _ when char.IsAsciiLetterOrDigit(character) => Unknown(),
            _ => Need.Exactly(character),
        };
    }

    private Need ReadClass()
    {
        var members = new HashSet<string>(StringComparer.Ordinal);
        var isSmall = !TryTake('^');
        var isFirst = true;
        while (_position < _pattern.Length)
        {
            var character = _pattern[_position++];
            if (character == ']' && !isFirst)
                return isSmall && members.Count <= 4 ? Need.Exactly(members) : Need.Anything();
            isFirst = false;
            if (character == '\\')
            {
                if (_position == _pattern.Length)
                    return Unknown();
                character = _pattern[_position++];
                if (character is 'd' or 'D' or 'w' or 'W' or 's' or 'S')
                    isSmall = false;
                else if (char.IsAsciiLetterOrDigit(character))
                    return Unknown();
            }
            if (_position + 1 < _pattern.Length && _pattern[_position] == '-' && _pattern[_position + 1] != ']')
            {
                if (_pattern[_position + 1] == '[')
                    return Unknown();
                isSmall = false;
            }
            members.Add(char.ToLowerInvariant(character).ToString());
        }
        return Unknown();
    }

    private Need ReadQuantifier(Need piece)
    {
        if (_position == _pattern.Length)
            return piece;
        var (least, most) = (1, 1);
        switch (_pattern[_position])
        {
            case '?':
                (least, most) = (0, 1);
                _position++;
                break;
            case '*':
                (least, most) = (0, int.MaxValue);
                _position++;
                break;
            case '+':
                (least, most) = (1, int.MaxValue);
                _position++;
                break;
            case '{':
                var length = _pattern[_position..].IndexOf('}');
                if (length < 0 || !TryReadBounds(_pattern.Slice(_position + 1, length - 1), out least, out most))
                    return Unknown();
                _position += length + 1;
                break;
            default:
                return piece;
        }
        TryTake('?');
        return piece.Repeated(least, most);
    }

    private static bool TryReadBounds(ReadOnlySpan<char> text, out int least, out int most)
    {
        var comma = text.IndexOf(',');
        most = 0;
        if (comma < 0)
            return int.TryParse(text, out least) && (most = least) >= 0;
        if (!int.TryParse(text[..comma], out least))
            return false;
        if (text[(comma + 1)..].IsEmpty)
            most = int.MaxValue;
        else if (!int.TryParse(text[(comma + 1)..], out most))
            return false;
        return true;
    }

    private bool TryTake(char character)
    {
        var isThere = _position < _pattern.Length && _pattern[_position] == character;
        if (isThere)
            _position++;
        return isThere;
    }

    private Need Unknown()
    {
        _isKnown = false;
        return Need.Anything();
    }

    /// <summary>What one part of a pattern needs: the texts that it can be, as long as they are few, and the sets found so far.</summary>
    private sealed class Need
    {
        /// <summary>All texts that the end of this part can be; null when they are many.</summary>
        private HashSet<string>? _exact;

        /// <summary>Whether those texts are all of this part, not just its end.</summary>
        private bool _isWhole;

        public List<string[]> Required { get; } = [];

        public static Need Nothing() => Exactly([""]);

        public static Need Anything() => new();

        public static Need Exactly(char character) => Exactly([char.ToLowerInvariant(character).ToString()]);

        public static Need Exactly(HashSet<string> texts) => new() { _exact = texts, _isWhole = true };

        public static Need AnyOf(List<Need> branches)
        {
            var exact = new HashSet<string>(StringComparer.Ordinal);
            foreach (var branch in branches)
            {
                if (branch._exact is null || !branch._isWhole)
                {
                    exact = null;
                    break;
                }
                exact.UnionWith(branch._exact);
            }
            if (exact is { Count: <= MembersMax })
                return Exactly(exact);

            var union = new HashSet<string>(StringComparer.Ordinal);
            foreach (var branch in branches)
            {
                branch.CloseExact();
                if (branch.Required.Count == 0)
                    return Anything();
                union.UnionWith(branch.Required.MaxBy(Worth)!);
            }
            var need = Anything();
            need.Add(union);
            return need;
        }

        public void Append(Need next)
        {
            if (next._isWhole && next._exact is { } tails && _exact is { } heads && heads.Count * tails.Count <= 16
                && heads.Max(head => head.Length) + tails.Max(tail => tail.Length) <= LengthMax)
            {
                _exact = [.. heads.SelectMany(_ => tails, (head, tail) => head + tail)];
                return;
            }
            CloseExact();
            Required.AddRange(next.Required);
            _exact = next._exact;
        }

        public Need Repeated(int least, int most)
        {
            if (least == 0)
                return most == 1 && _isWhole && _exact is { } once ? Exactly([.. once, ""]) : Anything();
            if (most == 1)
                return this;
            CloseExact();
            return this;
        }

        /// <summary>Turns the texts of the end into one more set; what follows does not touch them any more.</summary>
        public void CloseExact()
        {
            if (_exact is { } exact)
                Add(exact);
            _exact = null;
            _isWhole = false;
        }

        private void Add(HashSet<string> members)
        {
            if (members.Count is 0 or > MembersMax || members.Any(member => member.Length < 2 || !IsPlain(member)))
                return;
            Required.Add([.. members]);
        }

        private static bool IsPlain(string text) => System.Text.Ascii.IsValid(text);

        private static int Worth(string[] members) => members.Min(member => member.Length) * 100 - members.Length;
    }
}
