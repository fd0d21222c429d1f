using Divolte.Grains.Mapping.Producers;

namespace Divolte.Grains.Mapping.Explaining;

/// <summary>
/// What a program did with one event, action by action, for people who wonder where a value comes from or why there is none. Filled by traced actions,
/// which only a program has that was compiled for it; for one thread.
/// </summary>
internal sealed class MappingTrace
{
    private readonly List<TraceSite> _sites = [];
    private readonly Dictionary<TraceSite, string> _notes = [];
    private readonly Stack<TraceSite> _enclosing = new();
    private readonly List<TraceSite> _visited = [];
    private TraceSite? _lastJump;

    /// <summary>Forgets the event before.</summary>
    public void Clear()
    {
        _notes.Clear();
        _visited.Clear();
        _lastJump = null;
    }

    /// <summary>Notes, while the program is made, that a line maps something onto a field, or asks a condition when there is no field.</summary>
    public TraceSite AddSite(string place, string text, string? field)
    {
        var site = new TraceSite(place, text, field, _enclosing.TryPeek(out var around) ? around : null);
        _sites.Add(site);
        return site;
    }

    /// <summary>What is recorded by <paramref name="body"/> stands under a condition.</summary>
    public void Within(TraceSite condition, Action body)
    {
        _enclosing.Push(condition);
        try
        {
            body();
        }
        finally
        {
            _enclosing.Pop();
        }
    }

    /// <summary>An action has run.</summary>
    /// <param name="site">The action.</param>
    /// <param name="note">Why it changed nothing; empty when it did what it says.</param>
    public void Visit(TraceSite site, string note)
    {
        _visited.Add(site);
        _notes[site] = note;
    }

    /// <summary>The program was left by <c>exit()</c> or <c>stop()</c>.</summary>
    public void Jump(TraceSite site) => _lastJump = site;

    /// <summary>
    /// Where the field's value comes from: the last line that set it, or the default and, for every line that could have set it, why it did not.
    /// </summary>
    public IReadOnlyList<string> Explain(string field)
    {
        if (_visited.FindLast(site => site.Field == field && _notes[site].Length == 0) is { } setter)
            return [$"{setter.Place}: {setter.Text}"];
        var lines = new List<string> { "default" };
        var sites = _sites.Where(site => site.Field == field).ToList();
        lines.AddRange(sites.Select(site => $"{site.Place}: {(_notes.TryGetValue(site, out var note) ? note : $"not reached: {WhyNotReached(site)}")}"));
        if (sites.Count == 0)
            lines.Add("no line of the script maps it");
        return lines;
    }

    /// <summary>Tells why a producer is absent: the first one on its way that is.</summary>
    public static string WhyAbsent(ValueProducer producer, in MappedEvent mapped)
    {
        var absent = producer;
        while (absent.Source is { } source && !source.IsPresent(mapped))
            absent = source;
        if (absent.Source is { } present)
            return absent == producer
                ? $"{producer.Identifier} is absent, although {present.Identifier} is present"
                : $"{producer.Identifier} is absent, because {absent.Identifier} is, although {present.Identifier} is present";
        return absent == producer ? $"{producer.Identifier} is absent" : $"{producer.Identifier} is absent, because {absent.Identifier} is";
    }

    private string WhyNotReached(TraceSite site)
    {
        // The outermost condition that kept the program out tells most.
        string? reason = null;
        for (var around = site.Around; around is not null; around = around.Around)
        {
            if (_notes.TryGetValue(around, out var note) && note.Length > 0)
                reason = $"at {around.Place} {note}";
        }
        return reason ?? (_lastJump is { } jump ? $"{jump.Text} at {jump.Place}" : "the mapping failed before");
    }
}

/// <summary>One place of a script that acts on events.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Text">The value or condition, as messages name it.</param>
/// <param name="Field">The field that it maps onto; null for conditions and jumps.</param>
/// <param name="Around">The condition that it stands under; null for none.</param>
internal sealed record TraceSite(string Place, string Text, string? Field, TraceSite? Around);
