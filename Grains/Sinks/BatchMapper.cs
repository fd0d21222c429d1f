using System.Text;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;
using Divolte.Grains.Mapping;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Sinks.Unwritten;

namespace Divolte.Grains.Sinks;

/// <summary>Maps the events of journal entries with every mapping of a sink that takes their source.</summary>
internal sealed class BatchMapper(string sink, int queue, IReadOnlyList<SinkMapping> mappings, LossLedger ledger, TimeProvider time)
{
    private readonly string[] _names = [.. mappings.Select(mapping => mapping.Name)];

    /// <summary>
    /// Events by source, as the ledger numbers them, that the queue had taken up to what is mapped: what the ledger has passed, and all that is on its way.
    /// Nothing is mapped twice in a worker's life.
    /// </summary>
    private readonly List<long> _seen = [];

    public MappedBatch Begin() => new(queue, new BatchTally(_names));

    /// <summary>Adds all events of an entry.</summary>
    /// <exception cref="InvalidDataException">The entry does not hold whole frames of a known format: nothing that a mapping could be blamed for.</exception>
    public void Add(MappedBatch batch, JournalEntry entry)
    {
        if (entry.AcceptedThrough is { } accepted)
            AddLost(batch, accepted);
        if (batch.Events == 0)
            batch.OldestAppendedAt = entry.AppendedAt;
        var rest = entry.Frames;
        for (var index = 0; !rest.IsEmpty; index++)
        {
            var frame = rest[..EventFrame.LengthOf(rest.Span)];
            rest = rest[frame.Length..];
            AddEvent(batch, new EventAt(entry.Position, index, frame));
        }
        batch.Events += entry.EventCount;
        batch.JournalBytes += entry.Frames.Length;
        batch.Records.Position = entry.Position;
    }

    /// <summary>Counts what is missing: every mapping that would have taken it has lost it.</summary>
    private void AddLost(MappedBatch batch, IReadOnlyList<SourceCount> accepted)
    {
        foreach (var count in accepted)
        {
            var source = ledger.IndexOf(count.Source);
            var lost = count.Events - SeenOf(source);
            if (lost <= 0)
                continue;
            _seen[source] += lost;
            batch.Tally.Pass(source, lost);
            for (var mapping = 0; mapping < mappings.Count; mapping++)
            {
                if (mappings[mapping].Takes(Encoding.UTF8.GetBytes(count.Source)))
                    batch.Tally.End(mapping, DropReason.Damaged, lost);
            }
        }
    }

    private long SeenOf(int source)
    {
        while (_seen.Count <= source)
            _seen.Add(ledger.AcceptedOf(_seen.Count));
        return _seen[source];
    }

    private void AddEvent(MappedBatch batch, EventAt at)
    {
        var reader = EventFrameReader.Parse(at.Frame.Span);
        var source = reader[FrameSlot.Source];
        var sourceIndex = ledger.IndexOf(source);
        _seen[sourceIndex] = SeenOf(sourceIndex) + 1;
        batch.Tally.Pass(sourceIndex);
        var keyOffset = -1;
        var key = reader[FrameSlot.PartyId];
        for (var mapping = 0; mapping < mappings.Count; mapping++)
        {
            if (!mappings[mapping].Takes(source))
                continue;
            var buffer = batch.Records.Buffer;
            var start = buffer.Length;
            var outcome = Map(mappings[mapping], reader, buffer);
            if (outcome.Reason != DropReason.None)
            {
                buffer.Truncate(start); // a mapping that failed half-way leaves nothing behind
                End(batch, mapping, at, outcome);
                continue;
            }

            var length = buffer.Length - start;
            if (keyOffset < 0)
            {
                keyOffset = buffer.Length;
                key.CopyTo(buffer.Append(key.Length));
            }
            batch.Tally.Write(mapping);
            batch.Add(
                new MappedRecord(mappings[mapping].Schema, reader.RequestTime, start, length, keyOffset, key.Length),
                new RecordOrigin(mapping, at.Position, at.Index, at.Frame));
        }
    }

    private static MapOutcome Map(SinkMapping mapping, in EventFrameReader reader, FrameBuffer output)
    {
        try
        {
            return mapping.Map(in reader, output);
        }
        catch (Exception exception)
        {
            // A mapping never throws; if it does, that is a bug that must cost one event in one mapping, and not lose it.
            return new MapOutcome(DropReason.Unmappable, $"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private void End(MappedBatch batch, int mapping, EventAt at, MapOutcome outcome)
    {
        batch.Tally.End(mapping, outcome.Reason);
        if (outcome.Reason is DropReason.DiscardedDuplicate or DropReason.DiscardedCorrupt)
            return;
        batch.Unmappable.Add(
            new DeadLetter(time.GetUtcNow(), sink, mappings[mapping].Name, outcome.Reason, outcome.Explanation, queue, at.Position, at.Index, at.Frame));
    }

    /// <summary>An event and where it lies.</summary>
    private readonly record struct EventAt(JournalPosition Position, int Index, ReadOnlyMemory<byte> Frame);
}
