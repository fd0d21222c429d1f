using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Segments;
using Divolte.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal.Writing;

/// <summary>
/// Writes one group: checks the epochs, puts the entries together, one write, one sync, then answers. After a failed write or sync nothing is known
/// about the bytes of that group, so its segment takes no more of them: the next write begins a new segment where the last synced entry ended, and what
/// lies behind in the old file no longer belongs to the log.
/// </summary>
/// <remarks>Belongs to the writer's thread, except for <see cref="Trouble"/>.</remarks>
internal sealed partial class GroupAppender(
    SegmentLog log,
    RedeliveryTable redeliveries,
    ShardMap map,
    long epochStart,
    LocalJournalOptions options,
    TimeProvider time,
    ILogger logger)
{
    private readonly long[] _epochs = new long[map.Shards];
    private readonly List<AppendRequest> _group = [];
    private readonly List<AppendRequest> _stale = [];
    private readonly MarksRetention _retention = new(options.DuplicateWindow, options.DuplicateMemorySize, options.DuplicateCapacity);
    private long _epochLast = epochStart;
    private long _lastTicks;
    private long _troubledAt;
    private volatile string? _trouble;

    /// <summary>Why appends are refused now; null when they are not.</summary>
    public string? Trouble => _trouble;

    /// <summary>Gives a shard to a new owner, and what that must remember.</summary>
    public ClaimedShard Claim(int shard)
    {
        _epochs[shard] = ++_epochLast;
        var now = Now();
        var (files, newer) = log.SnapshotMarks(shard, _retention, now);
        return new ClaimedShard(_epochLast, now, files, newer, redeliveries.Of(shard));
    }

    /// <summary>Writes a range of the appends as one group and answers all of them.</summary>
    public void Append(List<AppendRequest> requests, int first, int end)
    {
        var now = Now();
        _group.Clear();
        _stale.Clear();
        for (var at = first; at < end; at++)
        {
            var request = requests[at];
            if (_epochs[request.Append.Shard] == request.Append.Epoch)
                _group.Add(request);
            else
                _stale.Add(request);
        }
        AnsweredAppends.Publish(_stale, AppendStatus.StaleEpoch, now);
        if (_group.Count == 0)
            return;
        var activity = BatchActivities.StartAppend("local", _group.Count);
        var isStored = TryStore(now);
        BatchActivities.End(activity, isStored ? null : _trouble);
        if (!isStored)
        {
            AnsweredAppends.Publish(_group, AppendStatus.Unavailable, now);
            return;
        }
        foreach (var request in _group)
            redeliveries.Add(request.Append.Shard, request.Append.Frontend, request.Append.Sequence, request.Append.SettledBelow, now.UtcTicks);
        AnsweredAppends.Publish(_group, AppendStatus.Appended, now);
        log.Signal();
    }

    /// <summary>Looks whether a disk that failed takes writes again, so that an idle journal becomes ready by itself.</summary>
    public bool Probe()
    {
        if (_trouble is null || IsPausing)
            return _trouble is null;
        try
        {
            log.Roll(0, redeliveries.ToBytes());
            LeaveTrouble();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            EnterTrouble(e);
            return false;
        }
    }

    private bool TryStore(DateTimeOffset now)
    {
        if (_trouble is not null && IsPausing)
            return false;
        try
        {
            Store(now);
            LeaveTrouble();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            EnterTrouble(e);
            return false;
        }
    }

    private void Store(DateTimeOffset now)
    {
        var bytes = 0L;
        foreach (var request in _group)
            bytes += request.Length;
        try
        {
            WriteAndSync(SegmentFor(bytes), now);
        }
        catch (SyncFailedException e)
        {
            LogSyncFailed(log.Open.Name, e.InnerException!);
            WriteAndSync(SegmentFor(bytes), now);
        }
        log.Publish(_group);
    }

    private Segment SegmentFor(long bytes) =>
        log.Open is { IsBroken: false } open && open.Length + bytes <= open.Capacity ? open : log.Roll(bytes, redeliveries.ToBytes());

    private void WriteAndSync(Segment segment, DateTimeOffset now)
    {
        var syncedBefore = segment.End;
        var offset = syncedBefore;
        foreach (var request in _group)
        {
            request.Write(log.Tail.Reserve(offset, request.Length), offset, map.QueueOf(request.Append.Shard), syncedBefore, now.UtcTicks);
            offset += request.Length;
        }
        var isWritten = false;
        try
        {
            segment.File.Write(log.Tail.Pieces, segment.Length);
            isWritten = true;
            segment.File.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Tail.Rollback();
            segment.IsBroken = true;
            CutBack(segment);
            if (isWritten)
                throw new SyncFailedException(e);
            throw;
        }
    }

    /// <summary>Best effort: as soon as a later segment exists, what lies behind the end of this one does not count anyway.</summary>
    private static void CutBack(Segment segment)
    {
        try
        {
            segment.File.SetLength(segment.Length);
            segment.File.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Not by the time of day, which may be set back.</summary>
    private bool IsPausing => time.GetElapsedTime(_troubledAt) < options.RetryPause;

    private void EnterTrouble(Exception e)
    {
        _troubledAt = time.GetTimestamp();
        if (_trouble is null)
            LogUnavailable(e);
        _trouble = $"The journal cannot be written: {(e.InnerException ?? e).Message}";
    }

    private void LeaveTrouble()
    {
        if (_trouble is null)
            return;
        _trouble = null;
        LogAvailable();
    }

    /// <summary>The store's clock never goes back, whatever the system's does: marks are kept in the order of their time.</summary>
    private DateTimeOffset Now()
    {
        _lastTicks = Math.Max(_lastTicks, time.GetUtcNow().UtcTicks);
        return new DateTimeOffset(_lastTicks, TimeSpan.Zero);
    }

    [LoggerMessage(EventIds.JournalSyncFailed, LogLevel.Error, "Syncing the journal file {File} failed; its last write is repeated in a new file")]
    private partial void LogSyncFailed(string file, Exception reason);

    [LoggerMessage(EventIds.JournalUnavailable, LogLevel.Error, "The journal cannot be written; events are refused until it can")]
    private partial void LogUnavailable(Exception reason);

    [LoggerMessage(EventIds.JournalAvailable, LogLevel.Information, "The journal can be written again")]
    private partial void LogAvailable();

    private sealed class SyncFailedException(Exception inner) : IOException(inner.Message, inner);
}

/// <summary>A claim, before the files with its older marks are read.</summary>
internal sealed record ClaimedShard(
    long Epoch,
    DateTimeOffset Now,
    IReadOnlyList<MarksFile> OlderMarks,
    List<EventMark> NewerMarks,
    IReadOnlyList<FrontendRedelivery> Redeliveries);
