using System.Collections.Concurrent;
using System.Text;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping;

/// <summary>One mapping: event → Avro record, or the reason why there is none. Safe for several threads.</summary>
internal sealed class EventMapper
{
    private readonly ConcurrentBag<EventScratch> _spare = [];
    private readonly MappingOptions _options;
    private readonly MappingProgram _program;
    private readonly RecordEncoder _encoder;
    private readonly byte[][] _sources;
    private EventScratch? _lastUsed;

    public EventMapper(MappingOptions options, MappingSchema schema, MappingProgram program, RecordEncoder encoder)
    {
        _options = options;
        Schema = schema;
        _program = program;
        _encoder = encoder;
        _sources = options.Sources.Select(Encoding.UTF8.GetBytes).ToArray();
    }

    /// <summary>Name and schema of the mapping, as the sinks see it.</summary>
    public MappingSchema Schema { get; }

    /// <summary>Whether the mapping lists this source (UTF-8 name).</summary>
    public bool Takes(ReadOnlySpan<byte> source)
    {
        foreach (var taken in _sources)
        {
            if (source.SequenceEqual(taken))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Maps one event and appends the Avro binary to the output; appends nothing when there is no record. Never throws for what an event holds.
    /// </summary>
    public MapOutcome Map(in EventFrameReader frame, FrameBuffer output)
    {
        if (_options.DiscardDuplicates && frame.Flags.HasFlag(FrameFlags.Duplicate))
            return new MapOutcome(DropReason.DiscardedDuplicate, "");
        if (_options.DiscardCorrupted && frame.Flags.HasFlag(FrameFlags.Corrupt))
            return new MapOutcome(DropReason.DiscardedCorrupt, "");

        var start = output.Length;
        var scratch = Take();
        try
        {
            scratch.Begin();
            var mapped = new MappedEvent(frame, scratch);
            if (!_program.Run(mapped))
                return new MapOutcome(DropReason.Unmappable, scratch.Failure!);
            return _encoder.TryEncode(scratch.Fields, frame.Bytes, output, out var explanation)
                ? MapOutcome.Mapped
                : new MapOutcome(DropReason.Unmappable, explanation);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A mistake of ours that one event brings to light must cost that event only; it is kept with this text.
            output.Truncate(start);
            return new MapOutcome(DropReason.Unmappable, $"Unexpected {exception.GetType().Name}: {exception.Message}");
        }
        finally
        {
            GiveBack(scratch);
        }
    }

    /// <summary>Mostly one queue at a time maps, so one place that is swapped serves nearly always; the bag holds what more queues need.</summary>
    private EventScratch Take() =>
        Interlocked.Exchange(ref _lastUsed, null) is { } last ? last
        : _spare.TryTake(out var spare) ? spare
        : new EventScratch(_encoder.Schema.Fields.Count, _program.CacheSlots);

    private void GiveBack(EventScratch scratch)
    {
        if (Interlocked.CompareExchange(ref _lastUsed, scratch, null) is not null)
            _spare.Add(scratch);
    }
}
