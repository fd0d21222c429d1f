using System.Buffers;
using System.Globalization;
using System.Text;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Uris;

/// <summary>
/// Splits URIs by the grammar of <c>java.net.URI</c>: RFC 2396 as amended by RFC 2732, strict about characters, lenient about structure, nothing
/// normalised. Browsers and .NET differ in both respects, so that existing mappings need this one.
/// </summary>
internal ref struct UriSplitter
{
    [Flags]
    private enum Letter : byte
    {
        None = 0,
        Unreserved = 1,
        Path = 2,
        Query = 4,
        UserInfo = 8,
        Registry = 16,
        Scheme = 32,
        Server = 64,
    }

    private static readonly SearchValues<byte> HexadecimalDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private static readonly Letter[] Letters = BuildLetters();

    private readonly ReadOnlySpan<byte> _text;
    private readonly TextSlice _source;
    private readonly UriParts _parts;

    private UriSplitter(ReadOnlySpan<byte> text, TextSlice source, UriParts parts)
    {
        _text = text;
        _source = source;
        _parts = parts;
    }

    /// <summary>Fills the parts of a URI; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, TextSlice source, UriParts parts)
    {
        parts.Clear();
        parts.Text = source;
        return new UriSplitter(text, source, parts).Parse();
    }

    private static Letter[] BuildLetters()
    {
        var letters = new Letter[128];
        void Mark(string members, Letter letter)
        {
            foreach (var member in members)
                letters[member] |= letter;
        }
        const string Digits = "0123456789";
        const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const string Unreserved = Alphabet + Digits + "-_.!~*'()";
        Mark(Unreserved, Letter.Unreserved | Letter.Path | Letter.Query | Letter.UserInfo | Letter.Registry | Letter.Server);
        Mark(":@&=+$,;/", Letter.Path);
        Mark(":@&=+$,;/?[]", Letter.Query);
        Mark(";:&=+$,", Letter.UserInfo);
        Mark("$,;:@&=+", Letter.Registry);
        Mark(";:&=+$,.@[]%", Letter.Server);
        Mark(Alphabet + Digits + "+-.", Letter.Scheme);
        return letters;
    }

    private readonly bool Parse()
    {
        var colon = _text.IndexOfAny("/?#:"u8);
        var position = 0;
        if (colon >= 0 && _text[colon] == ':')
        {
            if (colon == 0 || !IsLetter(_text[0]) || !AreAll(0, colon, Letter.Scheme))
                return false;
            _parts.Scheme = _source.Part(0, colon);
            position = colon + 1;
            if (!IsAt(position, '/'))
                return TakeOpaque(position);
        }
        return TakeHierarchy(ref position) && TakeFragment(position);
    }

    private readonly bool TakeOpaque(int position)
    {
        var end = EndAt(position, "#"u8);
        return end > position && AreAll(position, end, Letter.Query) && TakeFragment(end);
    }

    private readonly bool TakeFragment(int position)
    {
        if (position == _text.Length)
            return true;
        _parts.Fragment = _source.Part(position + 1, _text.Length - position - 1);
        return AreAll(position + 1, _text.Length, Letter.Query);
    }

    private readonly bool TakeHierarchy(ref int position)
    {
        if (IsAt(position, '/') && IsAt(position + 1, '/'))
        {
            position += 2;
            var authorityEnd = EndAt(position, "/?#"u8);
            if (authorityEnd == position && authorityEnd == _text.Length || authorityEnd > position && !TakeAuthority(position, authorityEnd))
                return false;
            position = authorityEnd;
        }
        var end = EndAt(position, "?#"u8);
        if (!AreAll(position, end, Letter.Path))
            return false;
        _parts.Path = _source.Part(position, end - position);
        position = end;
        if (!IsAt(position, '?'))
            return true;
        end = EndAt(++position, "#"u8);
        _parts.Query = _source.Part(position, end - position);
        var isLegal = AreAll(position, end, Letter.Query);
        position = end;
        return isLegal;
    }

    /// <summary>An authority is a server if it can be, else a registry name, of which nothing is taken apart.</summary>
    private readonly bool TakeAuthority(int start, int end)
    {
        // A stray percent sign is illegal before anything else is looked at.
        var registryEnd = ScanWhile(start, end, Letter.Registry, out var isBroken);
        if (isBroken)
            return false;
        if (ScanWhile(start, end, Letter.Server, out _) == end && TakeServer(start, end))
            return true;
        _parts.Host = null;
        _parts.Port = null;
        return registryEnd == end;
    }

    private readonly bool TakeServer(int start, int end)
    {
        var at = _text[start..end].IndexOf((byte)'@');
        var position = start;
        if (at >= 0)
        {
            if (!AreAll(start, start + at, Letter.UserInfo))
                return false;
            position = start + at + 1;
        }
        var hostEnd = IsAt(position, '[', end) ? EndOfAddress6(position, end) : EndOfHost(position, end);
        if (hostEnd < 0)
            return false;
        _parts.Host = _source.Part(position, hostEnd - position);
        if (hostEnd == end)
            return true;
        var digits = _text[(hostEnd + 1)..end];
        if (_text[hostEnd] != ':')
            return false;
        if (digits.IsEmpty)
            return true;
        if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        _parts.Port = port;
        return true;
    }

    private readonly int EndOfHost(int start, int end)
    {
        var address = _text[start..end];
        var addressEnd = EndOf(address, "0123456789."u8);
        if (IsAddress4(address[..addressEnd]) && (start + addressEnd == end || address[addressEnd] == ':'))
            return start + addressEnd;
        return EndOfName(start, end);
    }

    private static int EndOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> members)
    {
        var end = text.IndexOfAnyExcept(members);
        return end < 0 ? text.Length : end;
    }

    private static bool IsAddress4(ReadOnlySpan<byte> text)
    {
        var parts = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            parts++;
            if (!int.TryParse(text[range], NumberStyles.None, CultureInfo.InvariantCulture, out var part) || part > 255)
                return false;
        }
        return parts == 4;
    }

    private readonly int EndOfName(int start, int end)
    {
        var lastLabel = -1;
        var position = start;
        while (position < end && char.IsAsciiLetterOrDigit((char)_text[position]))
        {
            lastLabel = position;
            while (position < end && (char.IsAsciiLetterOrDigit((char)_text[position]) || _text[position] == '-'))
                position++;
            if (_text[position - 1] == '-')
                return -1;
            if (!IsAt(position, '.', end))
                break;
            position++;
        }
        var isComplete = position == end || _text[position] == ':';
        return isComplete && lastLabel >= 0 && (lastLabel == start || IsLetter(_text[lastLabel])) ? position : -1;
    }

    private readonly int EndOfAddress6(int start, int end)
    {
        var close = _text[start..end].IndexOf((byte)']');
        if (close < 0)
            return -1;
        var inner = _text.Slice(start + 1, close - 1);
        var scope = inner.IndexOf((byte)'%');
        if (scope >= 0)
        {
            var scopeText = inner[(scope + 1)..];
            foreach (var letter in scopeText)
            {
                if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'_' or (byte)'.'))
                    return -1;
            }
            if (scopeText.IsEmpty)
                return -1;
            inner = inner[..scope];
        }
        return IsAddress6(inner) ? start + close + 1 : -1;
    }

    private static bool IsAddress6(ReadOnlySpan<byte> text)
    {
        var gap = text.IndexOf("::"u8);
        if (gap < 0)
            return TryCountBytes(text, mayEndInAddress4: true, out var count) && count == 16;
        return TryCountBytes(text[..gap], mayEndInAddress4: false, out var before) &&
            TryCountBytes(text[(gap + 2)..], mayEndInAddress4: true, out var after) && before + after < 16;
    }

    private static bool TryCountBytes(ReadOnlySpan<byte> groups, bool mayEndInAddress4, out int count)
    {
        count = 0;
        if (groups.IsEmpty)
            return true;
        foreach (var range in groups.Split((byte)':'))
        {
            var group = groups[range];
            if (mayEndInAddress4 && range.End.Value == groups.Length && IsAddress4(group))
                count += 4;
            else if (group.Length is >= 1 and <= 4 && !group.ContainsAnyExcept(HexadecimalDigits))
                count += 2;
            else
                return false;
        }
        return true;
    }

    private static bool IsLetter(byte letter) => char.IsAsciiLetter((char)letter);

    private readonly bool IsAt(int position, char letter) => IsAt(position, letter, _text.Length);

    private readonly bool IsAt(int position, char letter, int end) => position < end && _text[position] == letter;

    private readonly int EndAt(int position, ReadOnlySpan<byte> stops)
    {
        var end = _text[position..].IndexOfAny(stops);
        return end < 0 ? _text.Length : position + end;
    }

    private readonly bool AreAll(int start, int end, Letter letter) => ScanWhile(start, end, letter, out _) == end;

    /// <summary>Where the first letter is that is not legal. Escapes and visible letters beyond ASCII are legal everywhere but in a scheme.</summary>
    private readonly int ScanWhile(int start, int end, Letter letter, out bool isBroken)
    {
        isBroken = false;
        var position = start;
        while (position < end)
        {
            var value = _text[position];
            if (value < 0x80 && (Letters[value] & letter) != 0)
            {
                position++;
                continue;
            }
            if (letter == Letter.Scheme)
                return position;
            if (value == '%')
            {
                isBroken = position + 2 >= end || !char.IsAsciiHexDigit((char)_text[position + 1]) || !char.IsAsciiHexDigit((char)_text[position + 2]);
                if (isBroken)
                    return position;
                position += 3;
                continue;
            }
            if (value < 0x80 || !IsVisible(_text[position..end], out var length))
                return position;
            position += length;
        }
        return position;
    }

    private static bool IsVisible(ReadOnlySpan<byte> text, out int length)
    {
        Rune.DecodeFromUtf8(text, out var rune, out length);
        return Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control);
    }
}
