using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;

namespace Divolte.Grains.Deduplication;

/// <summary>Counts the events of a part by source, and checks on the way that the frames are whole. Thread-safe.</summary>
internal sealed class SourceTally
{
    // Sources are few and never change while a process lives; the bound is for a frontend with a newer configuration, again and again.
    private const int NamesMax = 256;

    private readonly Lock _adding = new();
    private volatile (byte[] Utf8, string Name)[] _names = [];

    /// <exception cref="InvalidDataException">The bytes are not so many whole frames of a known format.</exception>
    public IReadOnlyList<SourceCount> Count(ReadOnlySpan<byte> frames, int eventCount)
    {
        var counts = new List<SourceCount>(1);
        var found = 0;
        for (; !frames.IsEmpty; found++)
        {
            var frame = EventFrameReader.Parse(frames);
            Add(counts, NameOf(frame[FrameSlot.Source]));
            frames = frames[frame.Bytes.Length..];
        }
        return found == eventCount ? counts : throw new InvalidDataException($"A part of {eventCount} events holds {found} frames.");
    }

    private static void Add(List<SourceCount> counts, string source)
    {
        for (var index = 0; index < counts.Count; index++)
        {
            if (ReferenceEquals(counts[index].Source, source) || counts[index].Source == source)
            {
                counts[index] = new SourceCount(source, counts[index].Events + 1);
                return;
            }
        }
        counts.Add(new SourceCount(source, 1));
    }

    private string NameOf(ReadOnlySpan<byte> utf8)
    {
        foreach (var (known, name) in _names)
        {
            if (utf8.SequenceEqual(known))
                return name;
        }
        var added = Encoding.UTF8.GetString(utf8);
        lock (_adding)
        {
            if (_names.Length < NamesMax)
                _names = [.. _names, (utf8.ToArray(), added)];
        }
        return added;
    }
}
