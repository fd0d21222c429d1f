using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Segments;

namespace Divolte.Grains.Journal.Recovery;

/// <summary>What lies on disk for one start offset: a segment, its summary, or both.</summary>
internal sealed class FoundSegment(long start)
{
    public long Start { get; } = start;

    /// <summary>Null when the segment is freed and only its summary is left.</summary>
    public IStableFile? File { get; private set; }

    /// <summary>Null when the file is missing or its header is damaged.</summary>
    public SegmentHeader? Header { get; private set; }

    public int HeaderLength { get; private set; }

    /// <summary>Null when it is missing or damaged.</summary>
    public SegmentSummary? Summary { get; private set; }

    public byte[]? Redeliveries { get; private set; }

    /// <summary>Opens all there is, in order of the log.</summary>
    public static List<FoundSegment> OpenAll(IStableFiles files)
    {
        var found = new SortedDictionary<long, FoundSegment>();
        foreach (var name in files.List())
        {
            if (Segment.StartOf(name) is { } start)
                Of(start).OpenSegment(files, name);
            else if (SegmentSummary.StartOf(name) is { } summaryStart)
                Of(summaryStart).OpenSummary(files, name);
        }
        return [.. found.Values];

        FoundSegment Of(long start) => found.TryGetValue(start, out var one) ? one : found[start] = new FoundSegment(start);
    }

    private void OpenSegment(IStableFiles files, string name)
    {
        File = files.Open(name);
        if (SegmentHeader.Read(File, name) is not { } read || read.Header.Start != Start)
            return;
        Header = read.Header;
        HeaderLength = read.Length;
    }

    private void OpenSummary(IStableFiles files, string name)
    {
        using var file = files.Open(name);
        if (SegmentSummary.Read(file) is not { } summary || summary.Start != Start)
            return;
        Redeliveries = summary.Redeliveries.Read(file);
        // A summary of which any part is known to be damaged is made again while its segment is there.
        Summary = Redeliveries is null ? null : summary with { Slices = [] };
    }
}
