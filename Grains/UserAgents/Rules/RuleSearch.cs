using System.Numerics;
using System.Text.RegularExpressions;

namespace Divolte.Grains.UserAgents.Rules;

/// <summary>One header on its way through the rules; after a rule that takes too long no other is tried.</summary>
internal ref struct RuleSearch(RuleSet rules, string header, ReadOnlySpan<ulong> literals, ReadOnlySpan<ulong> candidates)
{
    private readonly ReadOnlySpan<ulong> _literals = literals;
    private readonly ReadOnlySpan<ulong> _candidates = candidates;
    private bool _mayCompile = true;
    private bool _isOutOfTime;

    public AgentFinding FindAgent()
    {
        var match = FirstOf(0, rules.SystemsStart, out var rule);
        return AgentFinding.Of(rule, match);
    }

    public SystemFinding FindSystem()
    {
        var match = FirstOf(rules.SystemsStart, rules.DevicesStart, out var rule);
        return SystemFinding.Of(rule, match);
    }

    public DeviceFinding FindDevice()
    {
        var match = FirstOf(rules.DevicesStart, rules.Count, out var rule);
        return DeviceFinding.Of(rule, match);
    }

    /// <summary>Whether the device is a robot. All six hundred rules for devices are asked only when one of those for robots matches.</summary>
    public bool IsSpider()
    {
        foreach (var spider in rules.Spiders)
        {
            if (IsCandidate(spider) && Try(rules[spider]) is { Success: true })
                return FindDevice().Family == DeviceFinding.Spider;
        }
        return false;
    }

    private readonly bool IsCandidate(int number) => (_candidates[number >> 6] & (1UL << (number & 63))) != 0 && rules.Filter.IsPossible(number, _literals);

    private Match? FirstOf(int start, int end, out Rule? rule)
    {
        rule = null;
        var word = start >> 6;
        var rest = _candidates[word] & (ulong.MaxValue << (start & 63));
        while (!_isOutOfTime)
        {
            while (rest == 0)
            {
                if (++word >= _candidates.Length)
                    return null;
                rest = _candidates[word];
            }
            var number = (word << 6) + BitOperations.TrailingZeroCount(rest);
            rest &= rest - 1;
            if (number >= end)
                return null;
            if (!rules.Filter.IsPossible(number, _literals))
                continue;
            if (Try(rules[number]) is { Success: true } match)
            {
                rule = rules[number];
                return match;
            }
        }
        return null;
    }

    private Match? Try(Rule rule)
    {
        // The clock runs on while a busy machine holds the thread up: one time-out proves nothing, a second one does.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                return rule.Try(header, ref _mayCompile);
            }
            catch (RegexMatchTimeoutException)
            {
                continue;
            }
        }
        _isOutOfTime = true;
        return null;
    }
}
