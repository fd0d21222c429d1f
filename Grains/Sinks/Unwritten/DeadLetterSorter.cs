using System.Text;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Grains.Sinks.Unwritten;

/// <summary>What a replay does with one line of a file of dead letters.</summary>
internal enum ReplayFate
{
    /// <summary>No letter that this build can read, for example torn by a crash: stays as it is.</summary>
    NoLetter,

    /// <summary>Not asked for: stays as it is.</summary>
    NotChosen,

    /// <summary>No mapping of its name feeds the sink now: stays as it is.</summary>
    NoMapping,

    /// <summary>Its mapping still makes no record of it: stays, with the new reason.</summary>
    FailsAgain,

    /// <summary>A copy of a letter that is replayed already, kept twice by a crash: goes.</summary>
    Repetition,

    /// <summary>Goes back into the journal.</summary>
    Replayed,
}

/// <summary>A line and what becomes of it.</summary>
/// <param name="Line">The line, with the new reason where there is one; without its end.</param>
/// <param name="Letter">The letter; null when the line is none.</param>
/// <param name="Fate">What becomes of it.</param>
internal readonly record struct SortedLetter(string Line, DeadLetter? Letter, ReplayFate Fate);

/// <summary>Decides line by line what a replay of one sink does, by trying the mappings. Writes nothing. For one caller at a time.</summary>
/// <param name="mappings">The mappings that feed the sink now.</param>
/// <param name="filter">Which letters are asked for.</param>
internal sealed class DeadLetterSorter(IReadOnlyList<SinkMapping> mappings, DeadLetterFilter filter)
{
    private readonly HashSet<DeadLetterKey> _replayed = [];

    /// <summary>These are replayed already: copies of them go.</summary>
    public void MarkReplayed(DeadLetterKey letter) => _replayed.Add(letter);

    public SortedLetter Sort(string line)
    {
        if (DeadLetter.Read(Encoding.UTF8.GetBytes(line)) is not { } letter)
            return new SortedLetter(line, null, ReplayFate.NoLetter);
        if (_replayed.Contains(letter.Key))
            return new SortedLetter(line, letter, ReplayFate.Repetition);
        if (!filter.Takes(letter))
            return new SortedLetter(line, letter, ReplayFate.NotChosen);
        if (mappings.FirstOrDefault(mapping => mapping.Name == letter.Mapping) is not { } mapping)
            return new SortedLetter(line, letter, ReplayFate.NoMapping);
        if (WhyUnmappable(mapping, letter) is { } reason)
            return Again(letter, reason);
        _replayed.Add(letter.Key);
        return new SortedLetter(line, letter, ReplayFate.Replayed);
    }

    private static SortedLetter Again(DeadLetter letter, string reason)
    {
        var again = letter with { Reason = DropReason.Unmappable, Explanation = reason, Replays = letter.Replays + 1 };
        return new SortedLetter(again.ToLine(), again, ReplayFate.FailsAgain);
    }

    /// <summary>Null when the mapping makes a record of it, or discards it on purpose, which is as good.</summary>
    private static string? WhyUnmappable(SinkMapping mapping, DeadLetter letter)
    {
        try
        {
            using var output = new FrameBuffer();
            var outcome = mapping.Map(EventFrameReader.Parse(letter.Frame.Span), output);
            return outcome.Reason == DropReason.Unmappable ? outcome.Explanation : null;
        }
        catch (InvalidDataException exception)
        {
            return $"its event cannot be read: {exception.Message}";
        }
    }
}
