using Divolte.Grains.Journal;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>What one read of the journal brought, on its way to a sink. It knows where it starts, so that a consumer can tell a gap from a repetition.</summary>
[GenerateSerializer, Immutable, Alias("divolte.journal-batch")]
internal sealed class JournalBatch : IBatchContainer
{
    public JournalBatch(StreamId streamId, JournalPosition after, JournalPage page)
    {
        StreamId = streamId;
        Incarnation = after.Incarnation;
        After = after.Offset;
        Through = page.Next.Offset;
        Entries = page.Entries as JournalEntry[] ?? [.. page.Entries];
        Bytes = SizeOf(Entries);
    }

    [Id(0)]
    public StreamId StreamId { get; private set; }

    [Id(1)]
    public long Incarnation { get; private set; }

    /// <summary>Offset behind which the read began: every entry up to the end of the batch is in it.</summary>
    [Id(2)]
    public long After { get; private set; }

    /// <summary>Offset behind the last entry.</summary>
    [Id(3)]
    public long Through { get; private set; }

    [Id(4)]
    public JournalEntry[] Entries { get; private set; }

    /// <summary>Bytes of memory that the entries take, about.</summary>
    [Id(5)]
    public long Bytes { get; private set; }

    /// <summary>The position behind the last entry.</summary>
    public JournalPosition Position => new(Incarnation, Through);

    public StreamSequenceToken SequenceToken => new JournalToken(Position);

    /// <summary>The batch itself, as its only item: a sink takes it whole.</summary>
    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() =>
        this is T item ? [Tuple.Create(item, SequenceToken)] : [];

    public bool ImportRequestContext() => false;

    private static long SizeOf(JournalEntry[] entries)
    {
        const int entryOverhead = 128;
        long bytes = 0;
        foreach (var entry in entries)
            bytes += entry.Frames.Length + entryOverhead;
        return bytes;
    }
}

/// <summary>How an entry travels between silos. The journal's own types stay free of Orleans.</summary>
[GenerateSerializer, Alias("divolte.journal-entry")]
internal struct JournalEntryCarrier
{
    [Id(0)]
    public long Incarnation;

    [Id(1)]
    public long Offset;

    [Id(2)]
    public int Shard;

    [Id(3)]
    public DateTimeOffset AppendedAt;

    [Id(4)]
    public int EventCount;

    [Id(5)]
    public ReadOnlyMemory<byte> Frames;

    /// <summary>Sources and counts of <see cref="JournalEntry.AcceptedThrough"/>; null for an entry that is whole.</summary>
    [Id(6)]
    public string[]? AcceptedSources;

    [Id(7)]
    public long[]? AcceptedEvents;
}

/// <inheritdoc cref="JournalEntryCarrier"/>
[RegisterConverter]
internal sealed class JournalEntryConverter : IConverter<JournalEntry, JournalEntryCarrier>
{
    public JournalEntry ConvertFromSurrogate(in JournalEntryCarrier surrogate) =>
        new(new JournalPosition(surrogate.Incarnation, surrogate.Offset), surrogate.Shard, surrogate.AppendedAt, surrogate.EventCount, surrogate.Frames)
        {
            AcceptedThrough = surrogate.AcceptedSources?.Zip(surrogate.AcceptedEvents!, (source, events) => new SourceCount(source, events)).ToArray(),
        };

    public JournalEntryCarrier ConvertToSurrogate(in JournalEntry value) => new()
    {
        Incarnation = value.Position.Incarnation,
        Offset = value.Position.Offset,
        Shard = value.Shard,
        AppendedAt = value.AppendedAt,
        EventCount = value.EventCount,
        Frames = value.Frames,
        AcceptedSources = value.AcceptedThrough?.Select(count => count.Source).ToArray(),
        AcceptedEvents = value.AcceptedThrough?.Select(count => count.Events).ToArray(),
    };
}
