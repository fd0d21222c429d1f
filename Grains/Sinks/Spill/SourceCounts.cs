using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Sinks.Spill;

/// <summary>Counts of events by source.</summary>
internal static class SourceCounts
{
    /// <summary>Counts with those of some frames added.</summary>
    /// <exception cref="InvalidDataException">They are not whole frames of a known format.</exception>
    public static IReadOnlyList<SourceCount> Add(IReadOnlyList<SourceCount> counts, ReadOnlyMemory<byte> frames)
    {
        var sum = counts.ToArray();
        for (var rest = frames.Span; !rest.IsEmpty;)
        {
            var frame = EventFrameReader.Parse(rest);
            var source = frame[FrameSlot.Source];
            var index = IndexOf(sum, source);
            if (index < 0)
                sum = [.. sum, new SourceCount(Encoding.UTF8.GetString(source), 1)];
            else
                sum[index] = sum[index] with { Events = sum[index].Events + 1 };
            rest = rest[frame.Bytes.Length..];
        }
        return sum;
    }

    private static int IndexOf(SourceCount[] counts, ReadOnlySpan<byte> source)
    {
        Span<byte> name = stackalloc byte[256];
        for (var index = 0; index < counts.Length; index++)
        {
            var isShort = Encoding.UTF8.TryGetBytes(counts[index].Source, name, out var length);
            if (isShort ? source.SequenceEqual(name[..length]) : source.SequenceEqual(Encoding.UTF8.GetBytes(counts[index].Source)))
                return index;
        }
        return -1;
    }
}
