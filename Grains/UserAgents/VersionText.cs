namespace Divolte.Grains.UserAgents;

/// <summary>Finds versions in headers: the whole text of a version, not the three or four numbers that the rules keep.</summary>
internal static class VersionText
{
    /// <summary>The version that starts at an index.</summary>
    public static string At(ReadOnlySpan<char> header, int start)
    {
        var end = start;
        while (end < header.Length && (char.IsAsciiLetterOrDigit(header[end]) || header[end] is '.' or '_' or '-' or '+'))
            end++;
        return header[start..end].TrimEnd(".-_+").ToString();
    }

    /// <summary>
    /// The version that follows a name: behind the rest of its word and one sign (<c>Name/1.2</c>, <c>Name 1.2</c>, <c>Name v1.2</c>, <c>Name-1.2</c>).
    /// </summary>
    /// <param name="header">The header.</param>
    /// <param name="start">Where the name starts.</param>
    /// <param name="length">Length of the name.</param>
    /// <returns>The version; empty when there is none.</returns>
    public static string After(ReadOnlySpan<char> header, int start, int length)
    {
        var end = start + length;
        while (end < header.Length && (char.IsAsciiLetter(header[end]) || header[end] is '-' or '_' && char.IsAsciiLetter(CharacterAt(header, end + 1))))
            end++;
        if (end < header.Length && header[end] is '/' or ' ' or '-' or '_' or ':' or '(')
            end++;
        else if (!char.IsAsciiDigit(CharacterAt(header, end)) && header[start + length - 1] is not '/')
            return "";
        if (char.ToLowerInvariant(CharacterAt(header, end)) == 'v')
            end++;
        return char.IsAsciiDigit(CharacterAt(header, end)) ? At(header, end) : "";
    }

    private static char CharacterAt(ReadOnlySpan<char> header, int index) => index < header.Length ? header[index] : '\0';
}
