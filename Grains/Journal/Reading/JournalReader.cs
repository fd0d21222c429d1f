using Divolte.Grains.Journal.Recovery;
using Divolte.Grains.Journal.Segments;
using Divolte.Grains.Interfaces.StableFiles;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal.Reading;

/// <summary>Reads on in a queue: from memory what was appended lately, the rest from the files, of which only the queue's own stretches are read.</summary>
internal sealed partial class JournalReader(SegmentLog log, IStableFiles files, DamagedFiles damaged, ILogger logger)
{
    /// <summary>Reading on over so many bytes of other queues is cheaper than a second read.</summary>
    private const int GapMax = 16 * 1024;

    private const int RunMax = 1 << 20;

    /// <summary>See <see cref="IJournal.ReadAsync"/>.</summary>
    public async ValueTask<JournalPage> ReadAsync(int queue, long after, int bytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var lookup = log.Find(queue, after, bytesMax, out var queueEnd);
            // What lay between may be freed; staying before it would find "something new" for ever.
            if (lookup is null)
                return new JournalPage([], new JournalPosition(log.Incarnation, Math.Max(after, queueEnd)));
            if (lookup.Places.Count == 0)
            {
                await LoadIndexAsync(lookup.Segment, cancellationToken);
                continue;
            }
            await ReadMissingAsync(lookup, cancellationToken);
            var entries = new List<JournalEntry>(lookup.Places.Count);
            for (var at = 0; at < lookup.Places.Count; at++)
            {
                if (ToEntry(lookup, at) is { } entry)
                    entries.Add(entry);
            }
            after = lookup.Segment.Start + lookup.Places[^1].EndPlace;
            if (entries.Count > 0)
                return new JournalPage(entries, new JournalPosition(log.Incarnation, after));
        }
    }

    private JournalEntry? ToEntry(EntryLookup lookup, int at)
    {
        var bytes = lookup.Cached[at];
        var place = lookup.Places[at].Place;
        if (bytes.IsEmpty || !EntryHead.TryRead(bytes.Span, lookup.Segment.Start + place, bytes.Length, out var head))
            return null;
        return new JournalEntry(
            new JournalPosition(log.Incarnation, head.Offset + head.Length),
            head.Shard,
            head.AppendedAt,
            head.EventCount,
            bytes.Slice(head.FramesOffset, head.FramesLength));
    }

    private async ValueTask ReadMissingAsync(EntryLookup lookup, CancellationToken cancellationToken)
    {
        for (var first = 0; first < lookup.Places.Count;)
        {
            if (!lookup.Cached[first].IsEmpty)
            {
                first++;
                continue;
            }
            var end = EndOfRun(lookup, first);
            await ReadRunAsync(lookup, first, end, cancellationToken);
            first = end;
        }
    }

    private static int EndOfRun(EntryLookup lookup, int first)
    {
        var end = first + 1;
        while (end < lookup.Places.Count
            && lookup.Cached[end].IsEmpty
            && lookup.Places[end].Place - lookup.Places[end - 1].EndPlace <= GapMax
            && lookup.Places[end].EndPlace - lookup.Places[first].Place <= RunMax)
            end++;
        return end;
    }

    private async ValueTask ReadRunAsync(EntryLookup lookup, int first, int end, CancellationToken cancellationToken)
    {
        var place = lookup.Places[first].Place;
        var bytes = GC.AllocateUninitializedArray<byte>((int)(lookup.Places[end - 1].EndPlace - place));
        var read = await lookup.Segment.File.ReadAsync(bytes, place, cancellationToken);
        for (var at = first; at < end; at++)
        {
            var from = (int)(lookup.Places[at].Place - place);
            var entry = bytes.AsMemory(from, lookup.Places[at].Length);
            if (from + entry.Length <= read && EntryHead.IsIntact(entry.Span))
                lookup.Cached[at] = entry;
            else
                ReportDamage(lookup.Segment, lookup.Places[at]);
        }
    }

    private async ValueTask LoadIndexAsync(Segment segment, CancellationToken cancellationToken) =>
        log.SetIndex(segment, await ReadIndexAsync(segment, cancellationToken) ?? ScanIndex(segment));

    private async ValueTask<EntryIndex?> ReadIndexAsync(Segment segment, CancellationToken cancellationToken)
    {
        try
        {
            using var file = files.Open(segment.SummaryName);
            return SegmentSummary.Read(file) is { } summary && await summary.Index.ReadAsync(file, cancellationToken) is { } bytes
                ? EntryIndex.Parse(bytes, segment.QueueEnds.Length)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The long way, when the summary was damaged since the start.</summary>
    private static EntryIndex ScanIndex(Segment segment)
    {
        var index = new EntryIndex(segment.QueueEnds.Length);
        var scanner = new SegmentScanner(segment.File, segment.Start, segment.HeaderLength, segment.Length);
        for (var step = scanner.Next(); step != ScanStep.End; step = scanner.Next())
        {
            if (step == ScanStep.Entry)
                index.Add(scanner.Head.Queue, scanner.Head.Offset - segment.Start, scanner.Head.Length);
        }
        return index;
    }

    /// <summary>Keeps the file as it is now, once; the entries around the damaged one are delivered.</summary>
    private void ReportDamage(Segment segment, EntryPlace place)
    {
        lock (segment)
        {
            if (!segment.IsDamageReported)
                damaged.TryKeepCopy(segment.Name);
            segment.IsDamageReported = true;
        }
        LogEntryDamaged(segment.Name, place.Place, place.Length);
    }

    [LoggerMessage(EventIds.JournalEntryDamaged, LogLevel.Error, "An entry of the journal file {File} at {Place} with {Bytes} bytes is damaged and lost to the sinks that had not read it; the file is kept aside")]
    private partial void LogEntryDamaged(string file, long place, int bytes);
}
