using System.Numerics;
using Divolte.Grains.UserAgents.Prefilter;
using Divolte.Grains.UserAgents.Rules;
using Divolte.Grains.UserAgents.Vocabulary;

namespace Divolte.Grains.UserAgents;

/// <summary>
/// Tells from a header what a user agent is: the rules of the ua-parser project find what they can, the tables of the vocabulary name it as the collector
/// did, and add what the rules do not know. One filter in front of both. Safe for several threads; the time it takes is bounded.
/// </summary>
internal sealed partial class UserAgentParser
{
    /// <summary>No more characters of a header are looked at. Longer ones are rare, and say what they are long before.</summary>
    public const int HeaderLengthMax = 1024;

    private readonly RuleSet _rules;
    private readonly VocabularyTables _tables;

    /// <summary>The literals of all rows of all tables, in the order in which the filter numbers them.</summary>
    private readonly HeaderLiteral[][] _literals;
    private readonly int _agentsStart;
    private readonly int _systemsStart;
    private readonly int _devicesStart;

    public UserAgentParser(RuleLists lists, VocabularyTables tables)
    {
        _tables = tables;
        _literals = [.. tables.Agents.Select(row => row.Literals), .. tables.Systems.Select(row => row.Literals), .. tables.Devices.Select(row => row.Literals)];
        _rules = new RuleSet(lists, Array.ConvertAll(_literals, Required));
        _agentsStart = _rules.Count;
        _systemsStart = _agentsStart + tables.Agents.Count;
        _devicesStart = _systemsStart + tables.Systems.Count;
    }

    /// <summary>The parser with the rules and the tables that come with this assembly.</summary>
    public static UserAgentParser ReadEmbedded() => new(RuleSet.ReadEmbeddedLists(), VocabularyTables.ReadEmbedded());

    /// <summary>What the header says.</summary>
    public UserAgentDescription Parse(string header)
    {
        var text = header.Length > HeaderLengthMax ? header[..HeaderLengthMax] : header;
        Span<ulong> literals = stackalloc ulong[_rules.Filter.LiteralWordCount];
        Span<ulong> candidates = stackalloc ulong[_rules.Filter.WordCount];
        if (_rules.Filter.Find(text, literals, candidates) is var usualLength && usualLength < text.Length)
            text = text[..usualLength];
        var search = new RuleSearch(_rules, text, literals, candidates);

        var system = FindSystem(ref search, text, candidates);
        var agent = FindAgent(ref search, text, candidates, system);
        return new UserAgentDescription
        {
            Name = agent.Name,
            Family = agent.Family,
            Vendor = agent.Vendor,
            Type = agent.Type,
            Version = agent.Version,
            DeviceCategory = FindCategory(text, candidates, agent, system),
            OsFamily = agent.Type == AgentTypes.Robot ? SystemFamilies.Unknown : system.Family,
            OsVersion = agent.Type == AgentTypes.Robot ? "" : SystemVersion.Find(system.Family, text),
            OsVendor = agent.Type == AgentTypes.Robot ? "" : system.Vendor,
        };
    }

    /// <summary>The first row of a table that is in the text; a row without literals is in all.</summary>
    /// <param name="text">The header.</param>
    /// <param name="candidates">What the filter found.</param>
    /// <param name="start">Number of the first row to look at.</param>
    /// <param name="end">Number behind the last row.</param>
    /// <param name="hit">Where the text has the literal.</param>
    /// <returns>Number of the row; -1 when there is none.</returns>
    private int FirstRow(ReadOnlySpan<char> text, ReadOnlySpan<ulong> candidates, int start, int end, out Hit hit)
    {
        hit = default;
        var word = start >> 6;
        var rest = candidates[word] & (ulong.MaxValue << (start & 63));
        while (true)
        {
            while (rest == 0)
            {
                if (++word >= candidates.Length)
                    return -1;
                rest = candidates[word];
            }
            var row = (word << 6) + BitOperations.TrailingZeroCount(rest);
            rest &= rest - 1;
            if (row >= end)
                return -1;
            var literals = _literals[row - _agentsStart];
            if (literals.Length == 0 || TryFind(literals, text, out hit))
                return row;
        }
    }

    private static bool TryFind(HeaderLiteral[] literals, ReadOnlySpan<char> text, out Hit hit)
    {
        foreach (var literal in literals)
        {
            if (literal.Find(text) is >= 0 and var index)
            {
                hit = new Hit(index, literal.LengthBeforeVersion);
                return true;
            }
        }
        hit = default;
        return false;
    }

    private static IReadOnlyList<string[]> Required(HeaderLiteral[] literals) =>
        literals.Length == 0 ? [] : [Array.ConvertAll(literals, literal => literal.Text)];

    private readonly record struct Hit(int Index, int Length);

    private readonly record struct FoundAgent(string Type, string Family, string Vendor, string Name, string Version);

    private readonly record struct FoundSystem(string Family, string Vendor);
}
