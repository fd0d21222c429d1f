using System.Numerics;

namespace Divolte.Grains.UserAgents.Prefilter;

/// <summary>
/// Tells which of many rules can match a text at all. Every rule asks for literals (see <see cref="PatternLiterals"/>); one pass over the text finds those
/// that are there, and only rules whose sets are all met are worth trying: about ten of more than a thousand.
/// </summary>
internal sealed class RuleFilter
{
    private readonly LiteralAutomaton _automaton;

    /// <summary>For each literal the rules that are found by it.</summary>
    private readonly int[][] _rulesOf;

    /// <summary>For each rule all its sets, as numbers of literals.</summary>
    private readonly int[][][] _setsOf;

    private readonly ulong[] _always;

    /// <param name="required">For each rule what <see cref="PatternLiterals.Required"/> says.</param>
    public RuleFilter(IReadOnlyList<IReadOnlyList<string[]>> required)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var rulesOf = new List<List<int>>();
        _setsOf = new int[required.Count][][];
        _always = new ulong[(required.Count + 63) >> 6];
        for (var rule = 0; rule < required.Count; rule++)
        {
            var sets = required[rule].OrderByDescending(Worth).ToArray();
            _setsOf[rule] = [.. sets.Select(set => set.Select(NumberOf).ToArray())];
            if (sets.Length == 0)
                _always[rule >> 6] |= 1UL << (rule & 63);
            else
                Array.ForEach(_setsOf[rule][0], literal => rulesOf[literal].Add(rule));
        }
        _automaton = new LiteralAutomaton([.. numbers.Keys]);
        _rulesOf = [.. rulesOf.Select(rules => rules.ToArray())];

        int NumberOf(string literal)
        {
            if (!numbers.TryGetValue(literal, out var number))
            {
                numbers.Add(literal, number = numbers.Count);
                rulesOf.Add([]);
            }
            return number;
        }
    }

    /// <summary>How many words of 64 bits hold one bit per rule.</summary>
    public int WordCount => _always.Length;

    /// <summary>How many words of 64 bits hold one bit per literal.</summary>
    public int LiteralWordCount => (_automaton.Count + 63) >> 6;

    /// <summary>Marks the rules that can match the text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="literals"><see cref="LiteralWordCount"/> words, all zero; then the literals that the text holds.</param>
    /// <param name="candidates"><see cref="WordCount"/> words, all zero; then one bit per rule that is to be tried if <see cref="IsPossible"/> says so too.</param>
    /// <returns>How much of the text is usual: see <see cref="LiteralAutomaton.Scan"/>.</returns>
    public int Find(ReadOnlySpan<char> text, Span<ulong> literals, Span<ulong> candidates)
    {
        var usualLength = _automaton.Scan(text, literals);
        _always.CopyTo(candidates);
        for (var word = 0; word < literals.Length; word++)
        {
            for (var rest = literals[word]; rest != 0; rest &= rest - 1)
            {
                foreach (var rule in _rulesOf[(word << 6) + BitOperations.TrailingZeroCount(rest)])
                    candidates[rule >> 6] |= 1UL << (rule & 63);
            }
        }
        return usualLength;
    }

    /// <summary>The numbers of the literals of a rule that asks for one set of them, in the order of the set.</summary>
    public ReadOnlySpan<int> LiteralsOf(int rule) => _setsOf[rule] is [var only] ? only : [];

    /// <summary>Whether all sets of a candidate are met.</summary>
    public bool IsPossible(int rule, ReadOnlySpan<ulong> literals)
    {
        var sets = _setsOf[rule];
        for (var set = 1; set < sets.Length; set++)
        {
            if (!IsMet(sets[set], literals))
                return false;
        }
        return true;
    }

    private static bool IsMet(int[] set, ReadOnlySpan<ulong> literals)
    {
        foreach (var literal in set)
        {
            if ((literals[literal >> 6] & (1UL << (literal & 63))) != 0)
                return true;
        }
        return false;
    }

    /// <summary>Long literals are rare in headers, and few are better than many.</summary>
    private static int Worth(string[] set) => set.Min(literal => literal.Length) * 100 - set.Length;
}
