using System.Globalization;
using System.Text;

namespace Divolte.Grains.Mapping.Patterns;

/// <summary>A set of Unicode code points, surrogates left out: they do not occur in the UTF-8 that patterns are applied to. Immutable.</summary>
internal sealed class CodePointSet
{
    private const int CodePointMax = 0x10ffff;

    private readonly (int From, int To)[] _ranges;

    private CodePointSet((int From, int To)[] ranges) => _ranges = ranges;

    public static readonly CodePointSet Empty = new([]);

    public static readonly CodePointSet All = new([(0, 0xd7ff), (0xe000, CodePointMax)]);

    public IReadOnlyList<(int From, int To)> Ranges => _ranges;

    public static CodePointSet Of(params ReadOnlySpan<(int From, int To)> ranges) => Normalise([.. ranges]);

    public static CodePointSet Of(string members) => Normalise(members.EnumerateRunes().Select(rune => (rune.Value, rune.Value)).ToList());

    /// <summary>All code points with a property.</summary>
    public static CodePointSet Where(Func<UnicodeCategory, bool> accepts)
    {
        var ranges = new List<(int, int)>();
        var start = -1;
        for (var code = 0; code <= CodePointMax + 1; code++)
        {
            var isMember = code <= CodePointMax && code is not (>= 0xd800 and <= 0xdfff) && accepts(CharUnicodeInfo.GetUnicodeCategory(code));
            if (isMember && start < 0)
                start = code;
            if (isMember || start < 0)
                continue;
            ranges.Add((start, code - 1));
            start = -1;
        }
        return new CodePointSet([.. ranges]);
    }

    private static CodePointSet Normalise(List<(int From, int To)> ranges)
    {
        ranges.Sort();
        var merged = new List<(int From, int To)>();
        foreach (var (from, to) in ranges)
        {
            if (merged.Count > 0 && from <= merged[^1].To + 1)
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, to));
            else
                merged.Add((from, to));
        }
        return new CodePointSet([.. merged]);
    }

    public CodePointSet Union(CodePointSet other) => Normalise([.. _ranges, .. other._ranges]);

    public CodePointSet Complement()
    {
        var ranges = new List<(int, int)>();
        var next = 0;
        foreach (var (from, to) in _ranges)
        {
            if (from > next)
                ranges.Add((next, from - 1));
            next = to + 1;
        }
        if (next <= CodePointMax)
            ranges.Add((next, CodePointMax));
        return new CodePointSet([.. ranges.SelectMany(WithoutSurrogates)]);
    }

    private static IEnumerable<(int, int)> WithoutSurrogates((int From, int To) range)
    {
        if (range.From < 0xd800)
            yield return (range.From, Math.Min(range.To, 0xd7ff));
        if (range.To > 0xdfff)
            yield return (Math.Max(range.From, 0xe000), range.To);
    }

    public CodePointSet Intersect(CodePointSet other) => Complement().Union(other.Complement()).Complement();

    /// <summary>The set with the other case of every letter.</summary>
    /// <param name="isUnicode">Whether letters beyond ASCII count.</param>
    public CodePointSet IgnoreCase(bool isUnicode)
    {
        var added = new List<(int From, int To)>(_ranges);
        foreach (var (from, to) in _ranges)
        {
            // The last code point with a case mapping is U+1E943.
            for (var code = from; code <= Math.Min(to, isUnicode ? 0x1e943 : 0x7f); code++)
            {
                if (!Rune.TryCreate(code, out var rune))
                    continue;
                added.Add((Rune.ToLowerInvariant(rune).Value, Rune.ToLowerInvariant(rune).Value));
                added.Add((Rune.ToUpperInvariant(rune).Value, Rune.ToUpperInvariant(rune).Value));
            }
        }
        return Normalise(added);
    }

    /// <summary>The set as part of a .NET pattern that matches exactly one of its members.</summary>
    /// <param name="withPairs">Whether members beyond U+FFFF, two characters each, can occur in the text.</param>
    public string ToPattern(bool withPairs)
    {
        var single = new StringBuilder();
        foreach (var (from, to) in _ranges)
        {
            if (from <= 0xffff)
                AppendRange(single, from, Math.Min(to, 0xffff));
        }
        var basic = single.Length == 0 ? "" : $"[{single}]";
        if (!withPairs)
            return basic.Length == 0 ? "(?!)" : basic;
        var pairs = new List<string>();
        foreach (var (from, to) in _ranges)
        {
            if (to > 0xffff)
                AddPairs(pairs, Math.Max(from, 0x10000), to);
        }
        if (pairs.Count == 0)
            return basic.Length == 0 ? "(?!)" : basic;
        return basic.Length == 0 ? $"(?:{string.Join('|', pairs)})" : $"(?:{basic}|{string.Join('|', pairs)})";
    }

    private static void AppendRange(StringBuilder target, int from, int to)
    {
        target.Append(CultureInfo.InvariantCulture, $"\\u{from:x4}");
        if (to > from)
            target.Append(CultureInfo.InvariantCulture, $"-\\u{to:x4}");
    }

    private static void AddPairs(List<string> pairs, int from, int to)
    {
        int High(int code) => 0xd800 + (code - 0x10000 >> 10);
        int Low(int code) => 0xdc00 + (code - 0x10000 & 0x3ff);
        void Add(int highFrom, int highTo, int lowFrom, int lowTo) =>
            pairs.Add(string.Create(CultureInfo.InvariantCulture, $"[\\u{highFrom:x4}-\\u{highTo:x4}][\\u{lowFrom:x4}-\\u{lowTo:x4}]"));

        if (High(from) == High(to))
        {
            Add(High(from), High(to), Low(from), Low(to));
            return;
        }
        var firstFull = Low(from) == 0xdc00 ? High(from) : High(from) + 1;
        var lastFull = Low(to) == 0xdfff ? High(to) : High(to) - 1;
        if (firstFull > High(from))
            Add(High(from), High(from), Low(from), 0xdfff);
        if (firstFull <= lastFull)
            Add(firstFull, lastFull, 0xdc00, 0xdfff);
        if (lastFull < High(to))
            Add(High(to), High(to), 0xdc00, Low(to));
    }
}
