using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Frontend.Spool;

/// <summary>Finds every whole part in the files of earlier lives, around whatever is damaged, in the order in which they were written.</summary>
internal sealed class SpoolRecovery(IStableFiles files, SpoolOwner owner, SpoolProgress progress, DamagedFiles damage)
{
    private readonly List<SpoolSegment> _segments = [];
    private readonly List<SpoolEntry> _parts = [];

    /// <summary>Segments that still hold parts to be delivered.</summary>
    public IReadOnlyList<SpoolSegment> Segments => _segments;

    /// <summary>The parts to be delivered, oldest first.</summary>
    public IReadOnlyList<SpoolEntry> Parts => _parts;

    /// <summary>The highest number of any segment so far.</summary>
    public int NumberMax { get; private set; }

    /// <exception cref="SpoolException">The files are another cluster's, or of a later release.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public void Run()
    {
        var numbers = files.List().Select(SpoolSegment.NumberOf).OfType<int>().Order().ToList();
        NumberMax = numbers.Count == 0 ? 0 : numbers[^1];
        foreach (var number in numbers)
            Recover(number, isLast: number == NumberMax);
    }

    private void Recover(int number, bool isLast)
    {
        var file = files.Open(SpoolSegment.NameOf(number));
        var bytes = new byte[file.Length];
        _ = file.Read(bytes, 0);
        var frontend = SpoolSegment.ReadHeader(bytes, number, owner, files.Directory);
        var found = Scan(bytes, number, out var isDamaged, out var isTorn);
        frontend ??= found.Count > 0 ? found[0].Head.Frontend : null;
        // A torn end of the last file is a write that nobody was told of; in any other it may be one that somebody was.
        if (isDamaged || (isTorn && !isLast))
            damage.TryKeepCopy(SpoolSegment.NameOf(number));
        if (frontend is not { } id || Add(new SpoolSegment(number, id, file), found) == 0)
        {
            file.Dispose();
            files.Delete(SpoolSegment.NameOf(number));
        }
    }

    private int Add(SpoolSegment segment, List<(int Offset, SpoolEntryHead Head)> found)
    {
        foreach (var (offset, head) in found)
        {
            if (progress.IsSettled(segment.Frontend, head.Shard, head.Sequence))
                continue;
            _parts.Add(new SpoolEntry(segment, offset, head.FramesLength, head.Shard, head.EventCount, head.Sequence));
            segment.Unsettled++;
        }
        if (segment.Unsettled > 0)
            _segments.Add(segment);
        return segment.Unsettled;
    }

    private List<(int Offset, SpoolEntryHead Head)> Scan(ReadOnlySpan<byte> bytes, int number, out bool isDamaged, out bool isTorn)
    {
        var found = new List<(int Offset, SpoolEntryHead Head)>();
        isDamaged = isTorn = false;
        for (var at = SpoolSegment.HeaderLength; at < bytes.Length;)
        {
            var rest = bytes[at..];
            if (ReadWhole(rest, number) is { } head && head.Shard < owner.Shards)
            {
                isDamaged |= isTorn; // whole parts behind bytes that are none
                found.Add((at, head));
                at += SpoolEntryHead.Length + head.FramesLength;
                continue;
            }
            var step = 1 + SpoolEntryHead.FindMark(rest[1..]);
            isTorn |= rest[..step].ContainsAnyExcept((byte)0);
            at += step;
        }
        return found;
    }

    private static SpoolEntryHead? ReadWhole(ReadOnlySpan<byte> bytes, int number)
    {
        if (SpoolEntryHead.Read(bytes, number) is not { } head || head.FramesLength < 0 || head.FramesLength > bytes.Length - SpoolEntryHead.Length)
            return null;
        return SpoolEntryHead.ChecksumOf(bytes.Slice(SpoolEntryHead.Length, head.FramesLength)) == head.FramesChecksum ? head : null;
    }
}
