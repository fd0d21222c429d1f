using System.Text.RegularExpressions;
using Divolte.Grains.UserAgents.Prefilter;

namespace Divolte.Grains.UserAgents.Rules;

/// <summary>
/// The three lists of rules behind one filter. In each list the first rule that matches wins, as if all were tried in order.
/// Safe for several threads.
/// </summary>
internal sealed class RuleSet
{
    private readonly Rule[] _rules;

    /// <param name="lists">The rules.</param>
    /// <param name="more">What else the filter is to look for in the same pass: it numbers them from <see cref="Count"/> on.</param>
    public RuleSet(RuleLists lists, IReadOnlyList<IReadOnlyList<string[]>> more)
    {
        var texts = lists.Agents.Concat(lists.Systems).Concat(lists.Devices).ToArray();
        _rules = Array.ConvertAll(texts, text => new Rule(text));
        SystemsStart = lists.Agents.Count;
        DevicesStart = SystemsStart + lists.Systems.Count;
        Spiders = [.. Enumerable.Range(DevicesStart, lists.Devices.Count).Where(rule => _rules[rule].Replacements[0] == DeviceFinding.Spider)];
        Filter = new RuleFilter([.. texts.Select(text => PatternLiterals.Required(text.Pattern)), .. more]);
    }

    /// <summary>How many rules there are: first those for agents, then for systems, then for devices.</summary>
    public int Count => _rules.Length;

    public int SystemsStart { get; }

    public int DevicesStart { get; }

    /// <summary>The rules for devices that tell robots.</summary>
    public IReadOnlyList<int> Spiders { get; }

    public RuleFilter Filter { get; }

    public Rule this[int number] => _rules[number];

    /// <summary>Reads the rules that come with this assembly.</summary>
    public static RuleLists ReadEmbeddedLists()
    {
        using var stream = typeof(RuleSet).Assembly.GetManifestResourceStream("Divolte.Grains.UserAgents.Rules.regexes.yaml")!;
        using var reader = new StreamReader(stream);
        return RuleFile.Read(reader);
    }

    /// <summary>What all three lists say about a header.</summary>
    public RuleFindings Find(string header)
    {
        Span<ulong> literals = stackalloc ulong[Filter.LiteralWordCount];
        Span<ulong> candidates = stackalloc ulong[Filter.WordCount];
        Filter.Find(header, literals, candidates);
        var search = new RuleSearch(this, header, literals, candidates);
        return new RuleFindings { Agent = search.FindAgent(), System = search.FindSystem(), Device = search.FindDevice() };
    }

    /// <summary>The same without the filter: every rule in turn. The yardstick of its tests.</summary>
    internal RuleFindings FindInTurn(string header)
    {
        var (agent, system, device) = (InTurn(0, SystemsStart), InTurn(SystemsStart, DevicesStart), InTurn(DevicesStart, Count));
        return new RuleFindings
        {
            Agent = AgentFinding.Of(agent.Rule, agent.Match),
            System = SystemFinding.Of(system.Rule, system.Match),
            Device = DeviceFinding.Of(device.Rule, device.Match),
        };

        (Rule? Rule, Match? Match) InTurn(int start, int end)
        {
            var mayCompile = false;
            for (var rule = start; rule < end; rule++)
            {
                if (_rules[rule].Try(header, ref mayCompile) is { Success: true } match)
                    return (_rules[rule], match);
            }
            return default;
        }
    }
}
