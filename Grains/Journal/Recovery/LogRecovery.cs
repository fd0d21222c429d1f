using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Segments;
using Divolte.Grains.Journal.State;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal.Recovery;

/// <summary>
/// Opens what is on disk. Sealed segments with a good summary are taken as they are; the last one, and every other, is read from end to end. The
/// incarnation is raised when the log ends before something that a sink has confirmed.
/// </summary>
internal sealed partial class LogRecovery(IStableFiles files, LocalJournalOptions options, DamagedFiles damaged, TimeProvider time, ILogger logger)
{
    /// <summary>Behind the pages of an ordinary header; a file that was being made when the power went holds nothing from there on.</summary>
    private const int FirstEntriesPlace = 4096;

    private readonly SegmentRecovery _reader = new(damaged, logger);
    private readonly List<Segment> _segments = [];
    private readonly List<MarksFile> _marksFiles = [];
    private RedeliveryTable _redeliveries = new(options.Parameters.Shards);
    private QueueState[] _queues = [.. Enumerable.Range(0, options.Parameters.Queues).Select(_ => new QueueState())];
    private long _epochMax;

    /// <summary>Recovers the log.</summary>
    /// <param name="progress">What the sinks have confirmed.</param>
    /// <exception cref="JournalException">It belongs to other parameters or to a later release.</exception>
    /// <exception cref="IOException">The disk does not answer.</exception>
    public RecoveredLog Recover(IReadOnlyList<SinkProgress> progress)
    {
        // From here on the names are what a power cut would leave, too.
        files.SyncDirectory();
        var found = FoundSegment.OpenAll(files);
        var stored = StoredParameters.Read(files);
        var headers = found.Select(one => one.Header).OfType<SegmentHeader>().ToList();
        if (stored is null && headers.Count > 0)
            LogParametersRebuilt(files.Directory);
        var known = stored ?? headers.Select(header => new StoredParameters(header.Parameters, header.Incarnation)).LastOrDefault();
        known?.Check(options.Parameters, files.Directory);

        DropUnused(found);
        var segments = found.Where(one => one.File is not null).ToList();
        foreach (var one in found)
        {
            if (one.File is null)
                TakeSummary(one);
            else
                TakeSegment(one, segments.SkipWhile(other => other != one).Skip(1).FirstOrDefault());
        }
        var incarnation = headers.Select(header => header.Incarnation).Append(known?.Incarnation ?? 0).Max();
        incarnation = Continue(incarnation, progress);
        if (stored?.Incarnation != incarnation)
            new StoredParameters(options.Parameters, incarnation).Write(files);
        return new RecoveredLog(_segments, _marksFiles, _queues, _redeliveries, _epochMax, incarnation);
    }

    /// <summary>Removes files at the end that never came into use: the power went while the next segment was being made.</summary>
    private void DropUnused(List<FoundSegment> found)
    {
        while (found.LastOrDefault(one => one.File is not null) is { Header: null } last)
        {
            if (new SegmentScanner(last.File!, last.Start, 0, last.File!.Length).Next() != ScanStep.End)
                return;
            var name = Segment.NameOf(last.Start);
            var rest = new SegmentScanner(last.File, last.Start, Math.Min(FirstEntriesPlace, last.File.Length), last.File.Length);
            rest.Next();
            if (rest.IsTailDirty && damaged.TryKeepCopy(name) is { } kept)
                LogUnreadable(name, kept);
            last.File.Dispose();
            files.Delete(name);
            files.SyncDirectory();
            found.Remove(last);
        }
    }

    private void TakeSummary(FoundSegment one)
    {
        if (one.Summary is not { } summary || summary.QueueEnds.Count != options.Parameters.Queues)
            return;
        _marksFiles.Add(new MarksFile(one.Start, SegmentSummary.NameOf(one.Start), summary.MarkCount, summary.LastTicks, summary.FileLength));
        _redeliveries = RedeliveryTable.Parse(one.Redeliveries!, options.Parameters.Shards);
        _epochMax = Math.Max(_epochMax, summary.EpochMax);
    }

    private void TakeSegment(FoundSegment one, FoundSegment? next)
    {
        if (one.Header is not null)
            _queues = [.. one.Header.Queues.Select(queue => queue.Copy())];
        if (next is not null && IsTrusted(one, next))
        {
            TakeSummary(one);
            _segments.Add(new Segment(one.File!, one.Header!, one.HeaderLength)
            {
                Length = one.Summary!.Length,
                QueueEnds = [.. one.Summary.QueueEnds],
                Index = null,
                Marks = null,
                MarkCount = one.Summary.MarkCount,
                LastTicks = one.Summary.LastTicks,
                EpochMax = one.Summary.EpochMax,
                IsSealed = true,
                HasSummary = true,
            });
            return;
        }
        // A header that is damaged said what the segments before it add up to.
        var header = one.Header ?? new SegmentHeader(next?.Header?.Incarnation ?? 0, one.Start, options.Parameters, [.. _queues.Select(queue => queue.Copy())]);
        if (_reader.Read(one.File!, header, one.HeaderLength, EndOf(one, next), next is not null, _queues, _redeliveries) is not { } segment)
        {
            SetAside(one);
            return;
        }
        _epochMax = Math.Max(_epochMax, segment.EpochMax);
        _segments.Add(segment);
        if (next is not null)
            Seal(segment);
    }

    private bool IsTrusted(FoundSegment one, FoundSegment next) =>
        one is { Header: not null, Summary: not null }
        && next.Header is not null
        && one.Summary.Incarnation == one.Header.Incarnation
        && one.Summary.QueueEnds.Count == options.Parameters.Queues
        && one.Summary.Length == EndOf(one, next)
        && one.Summary.Length <= one.File!.Length;

    /// <summary>A segment ends where the next one starts, whatever lies behind that in its file; but a later incarnation may start further on.</summary>
    private static long EndOf(FoundSegment one, FoundSegment? next)
    {
        if (next is null)
            return one.File!.Length;
        var room = next.Start - one.Start;
        return next.Header is not null && one.Header is not null && next.Header.Incarnation > one.Header.Incarnation ? Math.Min(room, one.File!.Length) : room;
    }

    private void Seal(Segment segment)
    {
        segment.IsSealed = true;
        segment.Redeliveries = _redeliveries.ToBytes();
        try
        {
            var bytes = SegmentSummary.Write(files, segment);
            _marksFiles.Add(new MarksFile(segment.Start, segment.SummaryName, segment.MarkCount, segment.LastTicks, bytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Upkeep tries again; until then it stays in memory.
            return;
        }
        segment.HasSummary = true;
        segment.Marks = null;
        segment.Index = null;
        segment.Redeliveries = null;
    }

    private void SetAside(FoundSegment one)
    {
        var name = Segment.NameOf(one.Start);
        if (damaged.TryKeepCopy(name) is not { } kept)
            throw new JournalException($"Nothing of the journal file {name} in {files.Directory} can be read, and there is no room to keep it aside.");
        LogUnreadable(name, kept);
        one.File!.Dispose();
        files.Delete(name);
        files.SyncDirectory();
    }

    /// <summary>Makes the last segment ready for appends, or begins one.</summary>
    private long Continue(long incarnation, IReadOnlyList<SinkProgress> progress)
    {
        var end = _segments.Count > 0 ? _segments[^1].End : 0;
        var confirmed = progress.Where(one => one.Position.Incarnation == incarnation).Select(one => one.Position.Offset).DefaultIfEmpty().Max();
        if (_segments.Count > 0)
            Cut(_segments[^1], isContinued: confirmed <= end);
        if (_segments.Count > 0 && confirmed <= end)
            return incarnation;
        if (confirmed > end)
            LogShorter(end, confirmed);
        // By the clock, so that a wiped directory never counts up to a number that some sink still remembers.
        incarnation = Math.Max(incarnation + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (_segments.Count > 0)
            Seal(_segments[^1]);
        var header = new SegmentHeader(incarnation, Math.Max(end, confirmed), options.Parameters, [.. _queues.Select(queue => queue.Copy())]);
        _segments.Add(SegmentLog.Create(files, header, options.SegmentBytes, 0));
        return incarnation;
    }

    /// <summary>Removes what lies behind the last entry, durably: it must not come back behind a later one. What was read from a page cache is synced with it.</summary>
    private void Cut(Segment segment, bool isContinued)
    {
        segment.File.SetLength(segment.Length);
        segment.File.Sync();
        segment.Capacity = segment.Length;
        if (!isContinued || segment.Length >= options.SegmentBytes)
            return;
        try
        {
            segment.File.SetLength(options.SegmentBytes);
            segment.File.Sync();
            segment.Capacity = options.SegmentBytes;
        }
        catch (IOException e)
        {
            // The journal opens all the same: sinks can empty it and make room.
            LogNoRoom(e);
        }
    }

    [LoggerMessage(EventIds.JournalParametersRebuilt, LogLevel.Warning, "The file meta of the journal in {Directory} is missing or damaged; it is made again from the segments")]
    private partial void LogParametersRebuilt(string directory);

    [LoggerMessage(EventIds.JournalUnreadable, LogLevel.Error, "Nothing of the journal file {File} can be read; it is kept as {Kept}")]
    private partial void LogUnreadable(string file, string kept);

    [LoggerMessage(EventIds.JournalShorter, LogLevel.Error, "The journal ends at {End}, but a sink has confirmed everything up to {Confirmed}: the store came back shorter than it was. Every sink stops until it is told where to go on")]
    private partial void LogShorter(long end, long confirmed);

    [LoggerMessage(EventIds.JournalNoRoom, LogLevel.Warning, "No room can be reserved for the journal; events are refused until there is some")]
    private partial void LogNoRoom(Exception reason);
}
