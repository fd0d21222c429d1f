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
        var scan = new Scan(text, literals, candidates);
        var search = new RuleSearch(_rules, text, literals, candidates);

        var system = FindSystem(ref search, scan);
        var agent = FindAgent(ref search, scan, system);
        return new UserAgentDescription
        {
            Name = agent.Name,
            Family = agent.Family,
            Vendor = agent.Vendor,
            Type = agent.Type,
            Version = agent.Version,
            DeviceCategory = FindCategory(scan, agent, system),
            OsFamily = agent.Type == AgentTypes.Robot ? SystemFamilies.Unknown : system.Family,
            OsVersion = agent.Type == AgentTypes.Robot ? "" : SystemVersion.Find(system.Family, text),
            OsVendor = agent.Type == AgentTypes.Robot ? "" : system.Vendor,
        };
    }

    /// <summary>The first row of a table that is in the text; a row without literals is in all.</summary>
    /// <param name="scan">The header.</param>
    /// <param name="start">Number of the first row to look at.</param>
    /// <param name="end">Number behind the last row.</param>
    /// <param name="hit">Where the text has the literal.</param>
    /// <returns>Number of the row; -1 when there is none.</returns>
    private int FirstRow(in Scan scan, int start, int end, out Hit hit)
    {
        hit = default;
        var word = start >> 6;
        var rest = scan.Candidates[word] & (ulong.MaxValue << (start & 63));
        while (true)
        {
            while (rest == 0)
            {
                if (++word >= scan.Candidates.Length)
                    return -1;
                rest = scan.Candidates[word];
            }
            var row = (word << 6) + BitOperations.TrailingZeroCount(rest);
            rest &= rest - 1;
            if (row >= end)
                return -1;
            if (IsIn(scan, row, out hit))
                return row;
        }
    }

    private bool IsIn(in Scan scan, int row, out Hit hit)
    {
        var literals = _literals[row - _agentsStart];
        var numbers = _rules.Filter.LiteralsOf(row);
        hit = default;
        for (var index = 0; index < literals.Length; index++)
        {
            // Of the two hundred texts that tell tablets, the filter has seen one or two.
            if (!scan.Has(numbers[index]) || literals[index].Find(scan.Text) is not (>= 0 and var found))
                continue;
            hit = new Hit(found, literals[index].LengthBeforeVersion);
            return true;
        }
        return literals.Length == 0;
    }

    private static IReadOnlyList<string[]> Required(HeaderLiteral[] literals) =>
        literals.Length == 0 ? [] : [Array.ConvertAll(literals, literal => literal.Text)];

    private readonly record struct Hit(int Index, int Length);

    /// <summary>A header and what the filter has seen in it.</summary>
    private readonly ref struct Scan(string text, ReadOnlySpan<ulong> literals, ReadOnlySpan<ulong> candidates)
    {
        private readonly ReadOnlySpan<ulong> _literals = literals;

        public string Text { get; } = text;

        public ReadOnlySpan<ulong> Candidates { get; } = candidates;

        public bool Has(int literal) => (_literals[literal >> 6] & (1UL << (literal & 63))) != 0;
    }

    private readonly record struct FoundAgent(string Type, string Family, string Vendor, string Name, string Version);

    private readonly record struct FoundSystem(string Family, string Vendor);
}
