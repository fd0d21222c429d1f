using System.Globalization;
using Divolte.Frontend.CommandLine;
using Divolte.Grains.Sinks.Unwritten;

namespace Divolte.Silo.CommandLine;

/// <summary>What a replay tells: letters by sink, mapping, fate and reason.</summary>
internal sealed class ReplayReport
{
    /// <summary>Reasons that are told apart; further ones are counted together, because an explanation may quote the event.</summary>
    private const int ReasonsMax = 20;

    private const string OtherReasons = "other reasons";

    private readonly SortedDictionary<Group, long> _groups = [];
    private long _replayed;

    /// <summary>Whether a letter that was asked for could not be replayed.</summary>
    public bool HasFailures => _groups.Keys.Any(group => group.Fate is ReplayFate.FailsAgain or ReplayFate.NoMapping);

    /// <summary>Adds a letter, and prints it as a line.</summary>
    public void List(SortedLetter sorted, TextWriter output)
    {
        Add(sorted);
        if (sorted is { Letter: { } letter, Fate: not ReplayFate.NotChosen })
        {
            var time = letter.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            output.WriteLine($"{time} {letter.Sink}/{letter.Mapping} queue {letter.Queue} offset {letter.Position.Offset}.{letter.Index} {letter.Reason}: "
                + $"{letter.Explanation} -> {WordsOf(sorted.Fate, isDryRun: true)}");
        }
    }

    public void Add(SortedLetter sorted)
    {
        var letter = sorted.Letter;
        var group = new Group(
            letter?.Sink ?? "", letter?.Mapping ?? "", sorted.Fate,
            sorted.Fate == ReplayFate.FailsAgain ? letter!.Explanation : "");
        if (group.Reason.Length > 0 && !_groups.ContainsKey(group) && _groups.Keys.Count(known => known.Reason.Length > 0) >= ReasonsMax)
            group = group with { Reason = OtherReasons };
        _groups[group] = _groups.GetValueOrDefault(group) + 1;
    }

    /// <summary>Counts letters that are back in the journal.</summary>
    /// <returns>How many that makes.</returns>
    public long Replay(int letters) => _replayed += letters;

    public void Print(TextWriter output, bool isDryRun, bool isGrid)
    {
        if (_groups.Count == 0 && _replayed == 0)
            output.WriteLine("There are no dead letters.");
        foreach (var (group, letters) in _groups)
        {
            var where = group.Sink.Length == 0 ? "" : $" of sink {group.Sink}, mapping {group.Mapping}";
            output.WriteLine($"{LoadedConfiguration.Count((int)letters, "letter")}{where}: {WordsOf(group.Fate, isDryRun)}{(group.Reason.Length == 0 ? "" : $": {group.Reason}")}");
        }
        if (!isDryRun && _replayed > 0)
            output.WriteLine($"{(isGrid ? "The silos deliver" : "The next start delivers")} what is back in the journal; a sink that refuses a record again keeps it as a dead letter again.");
    }

    private static string WordsOf(ReplayFate fate, bool isDryRun) => fate switch
    {
        ReplayFate.NoLetter => "no letter that this build can read; stays",
        ReplayFate.NotChosen => "not asked for; stays",
        ReplayFate.NoMapping => "no such mapping feeds the sink now; stays",
        ReplayFate.FailsAgain => isDryRun ? "still makes no record; stays" : "still makes no record; stays, with the new reason",
        ReplayFate.Repetition => "a copy of one that is replayed; goes",
        ReplayFate.Replayed => isDryRun ? "would be replayed" : "replayed",
        _ => throw new InvalidOperationException("A fate that nobody tells."),
    };

    private readonly record struct Group(string Sink, string Mapping, ReplayFate Fate, string Reason) : IComparable<Group>
    {
        public int CompareTo(Group other) =>
            (Sink, Mapping, (int)Fate, Reason).CompareTo((other.Sink, other.Mapping, (int)other.Fate, other.Reason));
    }
}
