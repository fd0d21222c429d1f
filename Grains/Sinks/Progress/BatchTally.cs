using Divolte.Grains.Interfaces.Deduplication;

namespace Divolte.Grains.Sinks.Progress;

/// <summary>What the events of one batch came to. Each event counts once by its source, and once in every mapping that takes it.</summary>
/// <param name="mappings">Names of the sink's mappings; the tally counts by their index.</param>
internal sealed class BatchTally(IReadOnlyList<string> mappings)
{
    private readonly List<long> _passed = [];
    private readonly long[] _written = new long[mappings.Count];
    private readonly Dictionary<(int Mapping, DropReason Reason), long> _ended = [];

    /// <summary>Events by source, as <see cref="LossLedger.IndexOf(string)"/> numbers them.</summary>
    public IReadOnlyList<long> Passed => _passed;

    /// <summary>Records by mapping.</summary>
    public IEnumerable<(string Mapping, long Records)> Written =>
        _written.Select((records, mapping) => (mappings[mapping], records)).Where(written => written.records != 0);

    /// <summary>Events that became no record, by mapping and reason.</summary>
    public IEnumerable<(string Mapping, DropReason Reason, long Events)> Ended =>
        _ended.Select(ended => (mappings[ended.Key.Mapping], ended.Key.Reason, ended.Value));

    public void Pass(int source, long events = 1)
    {
        while (_passed.Count <= source)
            _passed.Add(0);
        _passed[source] += events;
    }

    public void Write(int mapping) => _written[mapping]++;

    public void End(int mapping, DropReason reason, long events = 1) =>
        _ended[(mapping, reason)] = _ended.GetValueOrDefault((mapping, reason)) + events;

    /// <summary>The destination refused a record that was counted as written.</summary>
    public void Refuse(int mapping)
    {
        _written[mapping]--;
        End(mapping, DropReason.Refused);
    }
}
