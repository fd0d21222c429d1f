namespace Divolte.Grains.Mapping.Patterns;

/// <content>Groups and inline flags.</content>
internal sealed partial class JavaPatternTranslator
{
    private string ReadGroup()
    {
        _position++;
        var flags = _flags;
        string opening;
        if (!TryTake("?"))
        {
            _groups.Add("");
            opening = "(";
        }
        else if (TryTake("<=") || TryTake("<!") || TryTake("=") || TryTake("!") || TryTake(">") || TryTake(":"))
        {
            var kind = _pattern[.._position];
            opening = kind[kind.LastIndexOf("(?", StringComparison.Ordinal)..];
        }
        else if (TryTake("<"))
        {
            _groups.Add(ReadGroupName());
            opening = "(";
        }
        else
        {
            if (!ReadFlags())
            {
                if (!IsAtEnd && Current is '?' or '*' or '+')
                    throw Error($"Dangling meta character '{Current}'");
                return "(?:)";
            }
            opening = "(?:";
        }
        var content = ReadAlternatives();
        if (Current != ')' || IsAtEnd)
            throw Error("Unclosed group");
        _position++;
        _flags = flags;
        return $"{opening}{content})";
    }

    private string ReadGroupName()
    {
        var start = _position;
        while (char.IsAsciiLetterOrDigit(Current))
            _position++;
        var name = _pattern[start.._position];
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            throw Error("capturing group name does not start with a Latin letter");
        if (Current != '>')
            throw Error("named capturing group is missing trailing '>'");
        if (_groups.Contains(name))
            throw Error($"Named capturing group <{name}> is already defined");
        _position++;
        return name;
    }

    /// <summary>Reads <c>idmsuxU-idmsuxU</c>; false when they hold for the rest of the surrounding group.</summary>
    private bool ReadFlags()
    {
        var isOn = true;
        while (true)
        {
            var flag = Current switch
            {
                'i' => Flags.IgnoreCase,
                'd' => Flags.UnixLines,
                'm' => Flags.MultiLine,
                's' => Flags.DotAll,
                'u' => Flags.UnicodeCase,
                'x' => Flags.Comments,
                'U' => Flags.UnicodeClasses | Flags.UnicodeCase,
                _ => Flags.None,
            };
            if (flag != Flags.None)
                _flags = isOn ? _flags | flag : _flags & ~flag;
            else if (Current == '-' && isOn)
                isOn = false;
            else if (Current is ')' or ':')
                break;
            else
                throw Error(Current is '\'' or 'P' ? "Unknown look-behind group" : "Unknown inline modifier");
            _position++;
        }
        var isGroup = Current == ':';
        _position++;
        return isGroup;
    }
}
