using System.Text.RegularExpressions;

namespace Divolte.Grains.UserAgents.Rules;

/// <summary>
/// One rule: a pattern, made when it is first tried, and compiled to machine code once it has been tried often. Almost all of the thousand rules never are.
/// Safe for several threads: at worst two of them make the same pattern.
/// </summary>
internal sealed class Rule(RuleText text)
{
    /// <summary>A rule that was tried this often is compiled: that costs some milliseconds once, and saves about a microsecond each time.</summary>
    public const int TriesBeforeCompiling = 200;

    /// <summary>
    /// The last line of defence: longer than any attempt takes on a machine that is merely busy, because a rule that gives up tells one header differently from
    /// one time to the next. What bounds the work is the length of the text, and how often it repeats itself.
    /// </summary>
    public static readonly TimeSpan AttemptTime = TimeSpan.FromSeconds(1);

    private Regex? _regex;
    private int _tries;
    private bool _isCompiled;

    /// <summary>Texts that stand for a group: see <see cref="RuleText.Replacements"/>.</summary>
    public string?[] Replacements => text.Replacements;

    public string Pattern => text.Pattern;

    /// <summary>Tries the rule.</summary>
    /// <param name="header">The text.</param>
    /// <param name="mayCompile">Whether this is a moment to compile; set to false when that was done, so that one header pays for one rule at most.</param>
    /// <returns>The match; not successful when the text is none of the rule's, or when finding out took too long.</returns>
    public Match Try(string header, ref bool mayCompile)
    {
        var regex = _regex ??= new Regex(text.Pattern, Options, AttemptTime);
        if (!_isCompiled && mayCompile && ++_tries >= TriesBeforeCompiling)
        {
            _regex = regex = new Regex(text.Pattern, Options | RegexOptions.Compiled, AttemptTime);
            _isCompiled = true;
            mayCompile = false;
        }
        return regex.Match(header);
    }

    /// <summary>ECMAScript: digits and letters are ASCII, as in the other implementations of the rules.</summary>
    private RegexOptions Options =>
        RegexOptions.ECMAScript | RegexOptions.CultureInvariant | (text.IgnoresCase ? RegexOptions.IgnoreCase : RegexOptions.None);
}
