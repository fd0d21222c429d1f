namespace Divolte.Grains.UserAgents;

/// <summary>Finds what a robot that no table knows calls itself.</summary>
internal static class RobotName
{
    private static readonly string[] Marks = ["bot", "crawl", "spider", "slurp", "scraper", "archiver", "fetcher"];

    private static readonly string[] BareWords = ["bot", "robot", "crawler", "spider", "webcrawler", "web-crawler", "crawling", "crawl"];

    private static readonly string[] NoNames = ["web", "the", "a", "an", "is", "beta", "for", "search", "our", "my", "this"];

    /// <summary>Whether a text says of itself that it crawls.</summary>
    public static bool IsMarked(ReadOnlySpan<char> text)
    {
        foreach (var mark in Marks)
        {
            for (var from = 0; text[from..].IndexOf(mark, StringComparison.OrdinalIgnoreCase) is >= 0 and var index; from += index + 1)
            {
                // "robot" and "crawler" may stand within a word; a "bot" must end one, or every Abbott would be a robot.
                var end = from + index + mark.Length;
                if (mark != "bot" || end == text.Length || !char.IsAsciiLetterLower(text[end]))
                    return true;
            }
        }
        return false;
    }

    /// <summary>The name that a robot gives itself.</summary>
    /// <param name="header">The header.</param>
    /// <param name="start">Where the name stands; -1 when there is none.</param>
    /// <param name="length">Its length.</param>
    public static void Find(ReadOnlySpan<char> header, out int start, out int length)
    {
        Span<char> text = header.Length <= UserAgentParser.HeaderLengthMax ? stackalloc char[UserAgentParser.HeaderLengthMax] : new char[header.Length];
        text = text[..header.Length];
        header.CopyTo(text);
        BlankAddresses(text);
        if (!TryFindMarked(text, out start, out length) && !TryFindCompatible(text, out start, out length) && !TryFindFirst(text, out start, out length))
            (start, length) = (-1, 0);
    }

    /// <summary>Addresses of pages and of people name robots too, but seldom as the robot does.</summary>
    private static void BlankAddresses(Span<char> text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            var rest = text[index..];
            if (rest[0] == '@')
            {
                for (var start = index; start > 0 && !EndsAddress(text[start - 1]); start--)
                    text[start - 1] = ' ';
                text[index++] = ' ';
            }
            else if (!StartsWith(rest, "http:") && !StartsWith(rest, "https:") && !StartsWith(rest, "www."))
            {
                continue;
            }
            while (index < text.Length && !EndsAddress(text[index]))
                text[index++] = ' ';
        }
    }

    private static bool EndsAddress(char character) => char.IsWhiteSpace(character) || character is '(' or ')' or ';' or ',';

    private static bool StartsWith(ReadOnlySpan<char> text, string start) => text.StartsWith(start, StringComparison.OrdinalIgnoreCase);

    private static bool TryFindMarked(ReadOnlySpan<char> text, out int start, out int length)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (!char.IsAsciiLetterOrDigit(text[index]))
                continue;
            (start, length) = (index, TokenLength(text[index..]));
            index += length;
            var token = text.Slice(start, length);
            if (!HasMark(token))
                continue;
            length = WithoutVersion(token).Length;
            if (!IsOneOf(text.Slice(start, length), BareWords) || TryAddWordsInFront(text, ref start, ref length))
                return true;
        }
        (start, length) = (-1, 0);
        return false;
    }

    private static bool HasMark(ReadOnlySpan<char> token)
    {
        foreach (var mark in Marks)
        {
            if (token.Contains(mark, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static int TokenLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] is '_' or '.' or '-' or '!' or ':' or '+'))
            length++;
        return length;
    }

    /// <summary>Takes a version off the end (<c>bot-1.2</c>), but not the number that belongs to a word (<c>MJ12bot</c>, <c>bot2</c>).</summary>
    private static ReadOnlySpan<char> WithoutVersion(ReadOnlySpan<char> token)
    {
        token = token.TrimEnd(".:-+");
        for (var index = 1; index < token.Length; index++)
        {
            if (token[index - 1] is not ('-' or '_' or '.'))
                continue;
            var version = token[index..];
            if (char.ToLowerInvariant(version[0]) == 'v')
                version = version[1..];
            if (!version.IsEmpty && char.IsAsciiDigit(version[0]) && !HasMark(version))
                return token[..(index - 1)].TrimEnd(".:-+");
        }
        return token;
    }

    /// <summary>A robot called "Speedy Spider" has its name in front of the word.</summary>
    private static bool TryAddWordsInFront(ReadOnlySpan<char> text, ref int start, ref int length)
    {
        var end = start + length;
        for (var words = 0; words < 2; words++)
        {
            if (start < 2 || text[start - 1] != ' ')
                break;
            var wordStart = start - 1;
            while (wordStart > 0 && TokenLength(text.Slice(wordStart - 1, 1)) == 1)
                wordStart--;
            var word = text[wordStart..(start - 1)];
            if (word.IsEmpty || !char.IsAsciiLetter(word[0]) || IsOneOf(word, NoNames))
                break;
            start = wordStart;
        }
        var hasName = end - start > length;
        length = end - start;
        return hasName;
    }

    private static bool IsOneOf(ReadOnlySpan<char> word, string[] words)
    {
        foreach (var candidate in words)
        {
            if (word.Equals(candidate, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary><c>Mozilla/5.0 (compatible; Name/1.0; …)</c>.</summary>
    private static bool TryFindCompatible(ReadOnlySpan<char> text, out int start, out int length)
    {
        (start, length) = (-1, 0);
        const string Opening = "(compatible;";
        var opening = text.IndexOf(Opening, StringComparison.OrdinalIgnoreCase);
        if (opening < 0)
            return false;
        start = opening + Opening.Length;
        while (start < text.Length && text[start] == ' ')
            start++;
        var end = text[start..].IndexOfAny(";/)+");
        var name = text.Slice(start, end < 0 ? text.Length - start : end).TrimEnd();
        length = name.Length;
        return length > 0 && !StartsWith(name, "MSIE") && !StartsWith(name, "Windows");
    }

    /// <summary><c>Name/1.0 …</c> or <c>Some Name (…</c>.</summary>
    private static bool TryFindFirst(ReadOnlySpan<char> text, out int start, out int length)
    {
        start = text.Length - text.TrimStart().Length;
        length = 0;
        if (start == text.Length || !char.IsAsciiLetter(text[start]))
            return false;
        var end = start;
        while (end < text.Length && (text[end] == ' ' || TokenLength(text.Slice(end, 1)) == 1) && !IsVersionNext(text[end..]) && text[end] != '+')
            end++;
        length = text[start..end].TrimEnd(" -").Length;
        return length > 0 && !text.Slice(start, length).Equals("Mozilla", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsVersionNext(ReadOnlySpan<char> text) =>
        text[0] is ' ' && text.Length > 1 && (char.IsAsciiDigit(text[1]) || text[1] is 'v' or 'V' && text.Length > 2 && char.IsAsciiDigit(text[2]));
}
