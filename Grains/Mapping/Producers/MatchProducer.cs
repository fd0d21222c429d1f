using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Divolte.Grains.Mapping.Patterns;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>What a pattern found in a text.</summary>
/// <param name="Match">The match of the whole text; null when there is none.</param>
internal readonly record struct MatchResult(Match? Match);

/// <summary>
/// <c>match … against …</c>. An expression that is no pattern is accepted at start, as it always was: events that have a text to match are lost.
/// </summary>
internal sealed class MatchProducer : CachingProducer<MatchResult>
{
    private readonly ValueProducer<TextSlice> _source;
    private readonly string? _error;

    public MatchProducer(string identifier, string? expression, ValueProducer<TextSlice> source, int slot) : base(identifier, ProducerType.Matcher, slot)
    {
        _source = source;
        if (expression is null)
            _error = "the regular expression is null";
        else if (JavaPattern.TryCompile(expression, out var pattern, out var error))
            Pattern = pattern.Prepare();
        else
            _error = $"the regular expression {expression} is not valid: {error}";
    }

    public override ValueProducer? Source => _source;

    /// <summary>The pattern; null when the expression is none.</summary>
    public JavaPattern? Pattern { get; }

    /// <summary>What is wrong with the expression.</summary>
    public string? Error => _error;

    protected override bool TryCompute(in MappedEvent mapped, MatchResult reusable, out MatchResult value)
    {
        value = default;
        if (!_source.TryRead(mapped, out var text))
            return false;
        if (Pattern is null)
            return mapped.Fail($"{Identifier}: {_error}");
        value = new MatchResult(Pattern.Match(Encoding.UTF8.GetString(mapped.Read(text))));
        return true;
    }
}

/// <summary><c>matches()</c>.</summary>
internal sealed class MatchesProducer(MatchProducer matcher) : ValueProducer<bool>($"{matcher.Identifier}.matches()", ProducerType.Boolean)
{
    public override ValueProducer? Source => matcher;

    public override bool TryRead(in MappedEvent mapped, out bool value)
    {
        var isPresent = matcher.TryRead(mapped, out var result);
        value = isPresent && result.Match is not null;
        return isPresent;
    }
}

/// <summary><c>group(n)</c> and <c>group('name')</c>. A group that does not exist loses the events whose text matches.</summary>
internal sealed class GroupProducer : CachingProducer<TextSlice>
{
    private readonly MatchProducer _matcher;
    private readonly int _number;

    public GroupProducer(MatchProducer matcher, int number, int slot)
        : base($"{matcher.Identifier}.group({number.ToString(CultureInfo.InvariantCulture)})", ProducerType.String, slot)
    {
        _matcher = matcher;
        _number = number;
    }

    public GroupProducer(MatchProducer matcher, string name, int slot) : base($"{matcher.Identifier}.group({name})", ProducerType.String, slot)
    {
        _matcher = matcher;
        _number = matcher.Pattern?.NumberOf(name) ?? -1;
    }

    public override ValueProducer? Source => _matcher;

    /// <summary>Whether the pattern has the group.</summary>
    public bool Exists => _matcher.Pattern is not { } pattern || _number >= 0 && _number <= pattern.GroupCount;

    protected override bool TryCompute(in MappedEvent mapped, TextSlice reusable, out TextSlice value)
    {
        value = default;
        if (!_matcher.TryRead(mapped, out var result) || result.Match is not { } match)
            return false;
        if (!Exists)
            return mapped.Fail($"{Identifier}: the regular expression has no such group");
        var group = match.Groups[_number];
        if (group.Success)
            value = mapped.Scratch.Keep(group.ValueSpan);
        return group.Success;
    }
}
