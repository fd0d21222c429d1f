namespace Divolte.Grains.UserAgents.Vocabulary;

/// <summary>
/// A text that is looked for in headers, whatever its case. Ordinarily it must stand as a word of its own. Written with marks: <c>^</c> in front: only at the
/// start of the header; <c>~</c> in front: it may continue a word; <c>*</c> at the end: the word may go on behind it.
/// </summary>
internal readonly struct HeaderLiteral
{
    private readonly string _written;
    private readonly bool _isAtStart;
    private readonly bool _isFreeInFront;
    private readonly bool _isFreeBehind;

    /// <exception cref="InvalidDataException">Nothing, or something that is not plain, is left when the marks are taken off.</exception>
    public HeaderLiteral(ReadOnlySpan<char> written)
    {
        var text = written;
        _written = written.ToString().ToLowerInvariant();
        if (!text.IsEmpty && text[0] is '^' or '~')
        {
            _isAtStart = text[0] == '^';
            text = text[1..];
        }
        _isFreeInFront = _isAtStart || !written.IsEmpty && written[0] == '~';
        if (!text.IsEmpty && text[^1] == '*')
        {
            _isFreeBehind = true;
            text = text[..^1];
        }
        Text = text.ToString().ToLowerInvariant();
        if (Text.Length < 2 || !System.Text.Ascii.IsValid(Text) || Text.Contains('*'))
            throw new InvalidDataException($"\"{written}\" is no text to look for in a header.");
        LengthBeforeVersion = LengthWithoutNumber(Text, _isFreeBehind);
        _isFreeInFront |= !char.IsAsciiLetterOrDigit(Text[0]);
        _isFreeBehind |= !char.IsAsciiLetterOrDigit(Text[^1]);
    }

    /// <summary>The text in lower case.</summary>
    public string Text { get; }

    /// <summary>How much of the text stands in front of a version: less than all when it ends in the start of a number that goes on behind it.</summary>
    public int LengthBeforeVersion { get; }

    public override string ToString() => _written;

    /// <summary>Where the text stands for the first time.</summary>
    /// <returns>Its index; -1 when it does not occur as it must.</returns>
    public int Find(ReadOnlySpan<char> header)
    {
        if (_isAtStart)
        {
            var start = header.Length - header.TrimStart().Length;
            return header[start..].StartsWith(Text, StringComparison.OrdinalIgnoreCase) && EndsAt(header, start + Text.Length) ? start : -1;
        }
        for (var from = 0; from <= header.Length - Text.Length;)
        {
            var index = header[from..].IndexOf(Text, StringComparison.OrdinalIgnoreCase);
            if (index < 0)
                return -1;
            index += from;
            if ((_isFreeInFront || index == 0 || !char.IsAsciiLetterOrDigit(header[index - 1])) && EndsAt(header, index + Text.Length))
                return index;
            from = index + 1;
        }
        return -1;
    }

    private bool EndsAt(ReadOnlySpan<char> header, int end) => _isFreeBehind || end == header.Length || !char.IsAsciiLetterOrDigit(header[end]);

    private static int LengthWithoutNumber(string text, bool isFreeBehind)
    {
        var length = text.Length;
        while (isFreeBehind && length > 1 && (char.IsAsciiDigit(text[length - 1]) || text[length - 1] == '.'))
            length--;
        return length < text.Length && text[length - 1] is ' ' or '/' ? length - 1 : text.Length;
    }
}
