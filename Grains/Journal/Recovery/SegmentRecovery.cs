using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Segments;
using Divolte.Grains.Journal.Writing;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal.Recovery;

/// <summary>
/// Reads one segment file from end to end: every intact entry counts, whatever lies around it. A stretch that is no entry is damage when it lies before
/// something that was written after it was synced; otherwise it may as well be a write that the power cut short, which nobody was told had succeeded.
/// </summary>
/// <param name="damaged">Where damaged files are kept.</param>
/// <param name="logger">For what was found.</param>
internal sealed partial class SegmentRecovery(DamagedFiles damaged, ILogger logger)
{
    private readonly List<(long From, long To)> _gaps = [];
    private ulong[] _keys = new ulong[64];

    /// <summary>Reads a segment.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="header">Its header, or what it must have been.</param>
    /// <param name="headerLength">Length of the header; 0 when the header is damaged.</param>
    /// <param name="end">Place in the file where the segment ends: where the next one starts, or the length of the file.</param>
    /// <param name="isSealed">Whether another segment follows, so that all of it was synced.</param>
    /// <param name="queues">Takes what the queues have taken.</param>
    /// <param name="redeliveries">Takes the redelivery state.</param>
    /// <returns>The segment; null when there is not one entry in it, which for the last file means that it never came into use.</returns>
    public Segment? Read(IStableFile file, SegmentHeader header, int headerLength, long end, bool isSealed, QueueState[] queues, RedeliveryTable redeliveries)
    {
        _gaps.Clear();
        var name = Segment.NameOf(header.Start);
        var scanner = new SegmentScanner(file, header.Start, headerLength, Math.Min(end, file.Length));
        var segment = headerLength > 0 ? new Segment(file, header, headerLength) : null;
        var syncedBefore = header.Start;
        for (var step = scanner.Next(); step != ScanStep.End; step = scanner.Next())
        {
            if (step == ScanStep.Damage)
            {
                if (segment is null)
                    segment = new Segment(file, header, (int)scanner.Position);
                else
                    _gaps.Add((scanner.GapStart, scanner.Position));
                continue;
            }
            syncedBefore = Math.Max(syncedBefore, scanner.Head.SyncedBefore);
            Take(segment!, scanner, queues, redeliveries);
        }
        if (segment is null)
            return null;
        if (isSealed && segment.Length < end)
            _gaps.Add((segment.Length, end));
        Mend(segment, name, headerLength == 0, isSealed ? long.MaxValue : syncedBefore - header.Start);
        if (isSealed)
            segment.Length = end;
        else if (scanner.IsTailDirty)
            LogTornTail(name, segment.End);
        return segment;
    }

    private void Take(Segment segment, SegmentScanner scanner, QueueState[] queues, RedeliveryTable redeliveries)
    {
        var head = scanner.Head;
        var entry = scanner.Entry.Span;
        var keyCount = 0;
        FrameKeys.Collect(entry.Slice(head.FramesOffset, head.FramesLength), ref _keys, ref keyCount);
        segment.Add(head, _keys.AsSpan(0, keyCount));
        var queue = queues[head.Queue];
        queue.End = head.Offset + head.Length;
        FrameKeys.AddSources(entry.Slice(EntryHead.HeadLength, head.SourcesLength), head.SourceCount, queue);
        redeliveries.Add(head.Shard, head.Frontend, head.Sequence, head.SettledBelow, head.AppendedTicks);
    }

    /// <summary>Keeps a copy of what is damaged, then makes the file whole again, so that it is found whole at the next start.</summary>
    private void Mend(Segment segment, string name, bool isHeaderDamaged, long syncedBefore)
    {
        if (_gaps.Count == 0 && !isHeaderDamaged)
            return;
        // What the end of the file lacks cannot be filled: it is found again at every start, and one copy is enough.
        if (!isHeaderDamaged && damaged.HasCopyOf(name) && _gaps.TrueForAll(gap => !CanBeFilled(segment, gap)))
            return;
        var lost = _gaps.Where(gap => gap.From < syncedBefore).Sum(gap => gap.To - gap.From);
        if (lost == 0 && !isHeaderDamaged)
            LogTornGroup(name, _gaps.Count);
        else if (damaged.TryKeepCopy(name) is { } kept)
            LogDamaged(name, lost, kept);
        else
        {
            // Without room for a copy the file stays as it is: the next start finds the same again.
            LogDamagedInPlace(name, lost);
            return;
        }
        if (isHeaderDamaged)
            WriteHeader(segment);
        foreach (var gap in _gaps)
        {
            if (CanBeFilled(segment, gap))
                WriteGap(segment, gap.From, gap.To);
        }
        segment.File.Sync();
    }

    private static void WriteHeader(Segment segment)
    {
        var bytes = segment.Header.ToBytes();
        if (bytes.Length > segment.HeaderLength)
            bytes = (segment.Header with { Queues = [.. segment.Header.Queues.Select(queue => new QueueState { End = queue.End })] }).ToBytes();
        if (bytes.Length <= segment.HeaderLength)
            segment.File.Write([SegmentHeader.Pad(bytes, segment.HeaderLength)], 0);
    }

    private static bool CanBeFilled(Segment segment, (long From, long To) gap) =>
        gap.To - gap.From >= EntryHead.HeadLength && gap.To <= segment.File.Length;

    private static void WriteGap(Segment segment, long from, long to)
    {
        var bytes = new byte[EntryHead.HeadLength];
        var head = new EntryHead(EntryKind.Gap, segment.Start + from, (int)(to - from), 0, 0, 0, 0, 0, 0, Guid.Empty, 0, 0, 0, 0, 0);
        head.Write(bytes);
        EntryHead.Seal(bytes);
        segment.File.Write([bytes], from);
    }

    [LoggerMessage(EventIds.JournalTornTail, LogLevel.Information, "The journal file {File} ends with a write that was cut short; nothing behind {End} was acknowledged")]
    private partial void LogTornTail(string file, long end);

    [LoggerMessage(EventIds.JournalTornGroup, LogLevel.Warning, "The last write of the journal file {File} was cut short in {Gaps} places; its intact entries count, the others were not acknowledged")]
    private partial void LogTornGroup(string file, int gaps);

    [LoggerMessage(EventIds.JournalDamaged, LogLevel.Error, "The journal file {File} is damaged: {Bytes} bytes are lost, all intact entries are recovered, the file as it was is kept as {Kept}")]
    private partial void LogDamaged(string file, long bytes, string kept);

    [LoggerMessage(EventIds.JournalDamagedInPlace, LogLevel.Error, "The journal file {File} is damaged: {Bytes} bytes are lost, all intact entries are recovered; there is no room to keep a copy")]
    private partial void LogDamagedInPlace(string file, long bytes);
}
