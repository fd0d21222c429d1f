using System.Buffers.Binary;
using System.Collections.Immutable;
using Divolte.Grains.Journal.Marks;

namespace Divolte.Grains.Journal.Redis.State;

/// <summary>
/// Which parts of one frontend a shard has appended, as ranges of sequences: a frontend that keeps one part in its spool for hours costs one range more.
/// Immutable, so that a write that fails leaves nothing behind.
/// </summary>
/// <param name="SettledBelow">No part below this will be delivered again.</param>
/// <param name="Ranges">First and last of each, in order, apart from each other.</param>
/// <param name="LastSeenMicroseconds">When its last part was appended, by the store's clock.</param>
internal sealed record SequenceRanges(long SettledBelow, ImmutableArray<(long First, long Last)> Ranges, long LastSeenMicroseconds)
{
    public static readonly SequenceRanges Empty = new(0, [], 0);

    public SequenceRanges Add(long sequence, long settledBelow, long microseconds)
    {
        var settled = Math.Max(settledBelow, SettledBelow);
        var ranges = ImmutableArray.CreateBuilder<(long First, long Last)>(Ranges.Length + 1);
        var added = (First: sequence, Last: sequence);
        foreach (var range in Ranges)
        {
            if (range.Last < settled)
                continue;
            if (range.Last + 1 < added.First)
                ranges.Add((Math.Max(range.First, settled), range.Last));
            else if (range.First > added.Last + 1)
                Flush(range);
            else
                added = (Math.Min(range.First, added.First), Math.Max(range.Last, added.Last));
        }
        Flush((long.MaxValue, long.MaxValue));
        while (ranges.Count > RedeliveryTable.RangesMax)
            ranges.RemoveAt(0);
        return new SequenceRanges(settled, ranges.ToImmutable(), Math.Max(microseconds, LastSeenMicroseconds));

        void Flush((long First, long Last) next)
        {
            if (added.First != long.MaxValue && added.Last >= settled)
                ranges.Add((Math.Max(added.First, settled), added.Last));
            added = next;
        }
    }

    public FrontendRedelivery ToRedelivery(Guid frontend)
    {
        var appended = new List<long>();
        foreach (var (first, last) in Ranges)
        {
            for (var sequence = first; sequence <= last; sequence++)
                appended.Add(sequence);
        }
        return new FrontendRedelivery(frontend, SettledBelow, appended, StoreTime.ToTime(LastSeenMicroseconds));
    }

    /// <summary>Settled-below (64), then first and last of each range (64 each), little-endian. The script puts the time before it.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[8 + (Ranges.Length * 16)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, SettledBelow);
        for (var index = 0; index < Ranges.Length; index++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 + (index * 16)), Ranges[index].First);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16 + (index * 16)), Ranges[index].Last);
        }
        return bytes;
    }

    /// <summary>Reads what the script stored.</summary>
    /// <exception cref="InvalidDataException">It has no such form.</exception>
    public static SequenceRanges Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 16 || bytes.Length % 16 != 0)
            throw new InvalidDataException($"{bytes.Length} bytes are no ranges of sequences.");
        var ranges = ImmutableArray.CreateBuilder<(long First, long Last)>((bytes.Length / 16) - 1);
        for (var rest = bytes[16..]; !rest.IsEmpty; rest = rest[16..])
            ranges.Add((BinaryPrimitives.ReadInt64LittleEndian(rest), BinaryPrimitives.ReadInt64LittleEndian(rest[8..])));
        return new SequenceRanges(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), ranges.MoveToImmutable(), BinaryPrimitives.ReadInt64LittleEndian(bytes));
    }
}
