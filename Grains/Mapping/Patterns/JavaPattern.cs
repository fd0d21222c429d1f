using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Divolte.Grains.Mapping.Patterns;

/// <summary>
/// A regular expression in the dialect of <c>java.util.regex</c>, with default flags. Matching is bounded in time: what takes longer counts as no
/// match, and the pattern goes on with an engine whose time grows only with the text, where it can be expressed in it.
/// </summary>
internal sealed class JavaPattern
{
    /// <summary>Longest time that one match may take.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>The same for the engine that cannot run away.</summary>
    private static readonly TimeSpan LinearTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Longest pattern, in characters.</summary>
    private const int LengthMax = 10_000;

    private readonly JavaPatternTranslator.Translation _translation;
    private readonly Lazy<Regex?> _linear;
    private readonly Lazy<Regex> _withPairs;
    private readonly Lazy<Regex> _searching;
    private readonly Lazy<Regex> _full;
    private volatile bool _isSlow;

    private JavaPattern(JavaPatternTranslator.Translation translation)
    {
        _translation = translation;
        var wrapped = $"\\A(?:{translation.Basic})\\z";
        _full = new Lazy<Regex>(() => new Regex(wrapped, RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTimeout));
        _withPairs = new Lazy<Regex>(() => new Regex($"\\A(?:{translation.WithPairs})\\z", RegexOptions.CultureInvariant, MatchTimeout));
        _searching = new Lazy<Regex>(() => new Regex(translation.WithPairs, RegexOptions.CultureInvariant, MatchTimeout));
        _linear = new Lazy<Regex?>(() => TryMakeLinear(wrapped));
    }

    /// <summary>How many groups there are, the whole match not counted.</summary>
    public int GroupCount => _translation.GroupNames.Count;

    /// <summary>Compiles an expression.</summary>
    /// <param name="expression">In Java's dialect.</param>
    /// <param name="pattern">The pattern, when the expression is valid.</param>
    /// <param name="error">What is wrong with it, otherwise.</param>
    public static bool TryCompile(string expression, [NotNullWhen(true)] out JavaPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        if (expression.Length > LengthMax)
        {
            error = $"it has more than {LengthMax} characters";
            return false;
        }
        if (!JavaPatternTranslator.TryTranslate(expression, out var translation, out error))
            return false;
        try
        {
            pattern = new JavaPattern(translation);
            // What .NET does not take after all shows here, not when the first event comes.
            _ = pattern._searching.Value;
            return true;
        }
        catch (ArgumentException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    private static Regex? TryMakeLinear(string wrapped)
    {
        try
        {
            return new Regex(wrapped, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, LinearTimeout);
        }
        catch (NotSupportedException)
        {
            // Look-around, back-references and possessive quantifiers need backtracking.
            return null;
        }
    }

    /// <summary>Compiles now what the first match would compile.</summary>
    public JavaPattern Prepare()
    {
        _ = _full.Value;
        return this;
    }

    /// <summary>The number of a named group, or -1.</summary>
    public int NumberOf(string groupName) => _translation.GroupNames.IndexOf(groupName) is var index && groupName.Length > 0 && index >= 0 ? index + 1 : -1;

    public bool IsFullMatch(string text) => Match(text) is not null;

    /// <summary>Matches the whole text; null when it does not.</summary>
    public Match? Match(string text)
    {
        var regex = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0 ? _withPairs.Value : _isSlow && _linear.Value is { } known ? known : _full.Value;
        if (TryMatch(regex, text, out var match) || _isSlow)
            return match;
        // The clock runs on while a busy machine holds the thread up: one time-out proves nothing, a second one does.
        if (TryMatch(regex, text, out match))
            return match;
        _isSlow = true;
        if (regex == _full.Value && _linear.Value is { } linear)
            TryMatch(linear, text, out match);
        return match;
    }

    /// <returns>Whether there was time to find out.</returns>
    private static bool TryMatch(Regex regex, string text, out Match? match)
    {
        match = null;
        try
        {
            if (regex.Match(text) is { Success: true } found)
                match = found;
            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>All matches, also those of a part of the text; those found until it takes too long.</summary>
    public IReadOnlyList<Match> FindAll(string text)
    {
        var found = new List<Match>();
        try
        {
            foreach (var match in Matches(text))
                found.Add(match);
        }
        catch (RegexMatchTimeoutException)
        {
            // What was found so far stands.
        }
        return found;
    }

    /// <summary>The matches one after another, each behind the one before: some patterns make the engine stand still, which ends here.</summary>
    private IEnumerable<Match> Matches(string text)
    {
        var end = 0;
        var left = text.Length + 1;
        for (var match = _searching.Value.Match(text); match.Success && match.Index >= end && left-- > 0; match = match.NextMatch())
        {
            end = match.Index + match.Length;
            yield return match;
        }
    }

    /// <summary>Replaces what matches; null when it takes too long or gets too large.</summary>
    /// <param name="text">The text.</param>
    /// <param name="replacement">In Java's form: <c>$1</c>, <c>${name}</c>, and a backslash in front of what is meant literally.</param>
    /// <param name="isFirstOnly">Whether only the first match is replaced.</param>
    /// <param name="lengthMax">Longest result, in characters.</param>
    public string? Replace(string text, string replacement, bool isFirstOnly, int lengthMax)
    {
        var result = new StringBuilder();
        var position = 0;
        try
        {
            foreach (var match in Matches(text))
            {
                result.Append(text, position, match.Index - position);
                AppendReplacement(result, match, replacement);
                position = match.Index + match.Length;
                if (result.Length > lengthMax)
                    return null;
                if (isFirstOnly)
                    break;
            }
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
        return result.Append(text, position, text.Length - position).ToString();
    }

    private void AppendReplacement(StringBuilder result, Match match, string replacement)
    {
        for (var index = 0; index < replacement.Length; index++)
        {
            var letter = replacement[index];
            if (letter == '\\' && index + 1 < replacement.Length)
                result.Append(replacement[++index]);
            else if (letter == '$' && index + 1 < replacement.Length && char.IsAsciiDigit(replacement[index + 1]))
                result.Append(match.Groups[replacement[++index] - '0'].Value);
            else if (letter == '$' && index + 1 < replacement.Length && replacement[index + 1] == '{' && replacement.IndexOf('}', index) is var end and > 0)
            {
                result.Append(NumberOf(replacement[(index + 2)..end]) is var number and > 0 ? match.Groups[number].Value : "");
                index = end;
            }
            else
                result.Append(letter);
        }
    }

    /// <summary>Splits a text where the pattern matches; empty texts at the end are left out.</summary>
    public IReadOnlyList<string> Split(string text)
    {
        var parts = new List<string>();
        var position = 0;
        try
        {
            foreach (var match in Matches(text))
            {
                if (match.Length == 0 && (match.Index == 0 || match.Index == text.Length))
                    continue;
                parts.Add(text[position..match.Index]);
                position = match.Index + match.Length;
            }
        }
        catch (RegexMatchTimeoutException)
        {
            // What was split so far stands; the rest stays together.
        }
        parts.Add(text[position..]);
        while (parts.Count > 1 && parts[^1].Length == 0)
            parts.RemoveAt(parts.Count - 1);
        return parts;
    }
}
