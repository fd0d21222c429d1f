namespace Divolte.Frontend.Requests;

/// <summary>
/// Reads <c>If-None-Match</c> as upstream's server does: only what stands in quotes is a tag, whatever is around it; an unclosed quote ends with the header.
/// Weak and strong tags are equal. A quoted star matches anything, a bare one nothing.
/// </summary>
internal static class EntityTag
{
    /// <summary>Whether a header names any tag at all, with a quoted star: all that can be said of something without tag.</summary>
    public static bool MatchesAny(ReadOnlySpan<char> header) => Matches(header, "\""); // no tag holds a quote

    /// <summary>Whether a header names a tag.</summary>
    /// <param name="header">The first <c>If-None-Match</c> header.</param>
    /// <param name="tag">The tag without quotes.</param>
    public static bool Matches(ReadOnlySpan<char> header, ReadOnlySpan<char> tag)
    {
        while (true)
        {
            var start = header.IndexOfAny('"', 'W');
            if (start < 0)
                return false;
            if (header[start] == 'W')
            {
                // A weak mark that is followed by anything but its slash and a quote spoils the rest of the header.
                header = header[(start + 1)..].TrimStart('/');
                if (header.IsEmpty || header[0] != '"')
                    return false;
                start = 0;
            }
            header = header[(start + 1)..];
            var end = header.IndexOf('"');
            var found = (end < 0 ? header : header[..end]).Trim();
            if (found.SequenceEqual(tag) || found is "*")
                return true;
            if (end < 0)
                return false;
            header = header[(end + 1)..];
        }
    }
}
