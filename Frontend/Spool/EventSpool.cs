using Divolte.Grains.Interfaces.StableFiles;

namespace Divolte.Frontend.Spool;

/// <summary>What reading a part brought.</summary>
internal enum SpoolRead : byte
{
    /// <summary>The frames, as they were written.</summary>
    Whole,

    /// <summary>The bytes are not those that were written, and never will be.</summary>
    Damaged,

    /// <summary>The disk does not answer; perhaps later.</summary>
    Unavailable,
}

/// <summary>
/// Where a frontend keeps parts on its own disk while the grid is away or slow: bounded, checksummed, synced before anybody is told. It keeps parts and says
/// which are waiting; who delivers them, in which order, is the business of the submission.
/// </summary>
/// <remarks>Thread-safe; but only one <see cref="WorkAsync"/> at a time. Disk trouble is a value, see <see cref="SpoolFigures.Obstacle"/>.</remarks>
internal sealed partial class EventSpool : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly IStableFiles _files;
    private readonly SpoolBounds _bounds;
    private readonly SpoolOwner _owner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<Action, Task> _run;
    private readonly IDisposable _directoryLock;
    private readonly SpoolProgress _progress;
    private readonly DamagedFiles _damage;
    private readonly List<SpoolSegment> _segments;
    private IReadOnlyList<SpoolEntry> _recovered;
    private SpoolSegment? _current;
    private int _lastNumber;
    private int _waitingParts;
    private long _waitingEvents;
    private long _eventsWritten;
    private long _eventsDelivered;
    private long _eventsDamaged;
    private string? _trouble;
    private long _retryAt;

    private EventSpool(
        IStableFiles files, SpoolBounds bounds, SpoolOwner owner, Guid frontend, SpoolProgress progress, DamagedFiles damage, SpoolRecovery recovered,
        IDisposable directoryLock, TimeProvider time, ILogger logger, Func<Action, Task> run)
    {
        _files = files;
        _bounds = bounds;
        _owner = owner;
        Frontend = frontend;
        _progress = progress;
        _damage = damage;
        _directoryLock = directoryLock;
        _time = time;
        _logger = logger;
        _run = run;
        _segments = [.. recovered.Segments];
        _recovered = recovered.Parts;
        _lastNumber = recovered.NumberMax;
        _waitingParts = _recovered.Count;
        _waitingEvents = _recovered.Sum(part => (long)part.EventCount);
        _progressAt = time.GetTimestamp();
    }

    /// <summary>The id under which parts of this life are delivered: also those that never come here.</summary>
    public Guid Frontend { get; }

    public SpoolBounds Bounds => _bounds;

    public SpoolFigures Figures
    {
        get
        {
            lock (_lock)
            {
                return new SpoolFigures(
                    _files.Directory, _waitingParts, _waitingEvents, _segments.Sum(segment => segment.Length), _bounds.BytesMax,
                    _eventsWritten, _eventsDelivered, _eventsDamaged, FindObstacle(), _damage.Warning);
            }
        }
    }

    /// <summary>Why no part can be taken now; null when one can.</summary>
    public string? Obstacle
    {
        get
        {
            lock (_lock)
                return FindObstacle();
        }
    }

    /// <summary>Opens a spool directory: locks it and finds what earlier lives have left.</summary>
    /// <param name="files">The directory.</param>
    /// <param name="bounds">All bounds.</param>
    /// <param name="owner">The cluster's numbers.</param>
    /// <param name="frontend">A random id for this life.</param>
    /// <param name="time">The clock of pauses.</param>
    /// <param name="logger">Hears of damage.</param>
    /// <param name="run">Runs blocking work; the thread pool by default.</param>
    /// <exception cref="IOException">It is in use, another cluster's, or cannot be read; one line for the operator.</exception>
    public static EventSpool Open(
        IStableFiles files, SpoolBounds bounds, SpoolOwner owner, Guid frontend, TimeProvider time, ILogger logger, Func<Action, Task>? run = null)
    {
        var directoryLock = files.Lock();
        try
        {
            var progress = SpoolProgress.Read(files);
            var damage = new DamagedFiles(files, "spool", "whole parts");
            var recovery = new SpoolRecovery(files, owner, progress, damage);
            recovery.Run();
            var spool = new EventSpool(
                files, bounds, owner, frontend, progress, damage, recovery, directoryLock, time, logger, run ?? (static work => Task.Run(work)));
            spool.Begin();
            return spool;
        }
        catch (Exception e)
        {
            directoryLock.Dispose();
            if (e is UnauthorizedAccessException or IOException and not (SpoolException or StableFilesException))
                throw new SpoolException($"The spool in {files.Directory} cannot be opened: {e.Message}", e);
            throw;
        }
    }

    /// <summary>What earlier lives have left, oldest first; once.</summary>
    public IReadOnlyList<SpoolEntry> TakeRecovered() => Interlocked.Exchange(ref _recovered, []);

    /// <summary>Parts that are not delivered yet.</summary>
    public int WaitingParts
    {
        get
        {
            lock (_lock)
                return _waitingParts;
        }
    }

    /// <summary>Whether nothing will need work until the next group.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
                return _delivered.Count == 0 && !_isProgressNew && _trouble is null;
        }
    }

    /// <summary>Whether there is work without a group: files to free, progress to write, a disk to try again.</summary>
    public bool NeedsWork
    {
        get
        {
            lock (_lock)
                return _delivered.Count > 0 || IsProgressDue() || (_trouble is not null && _time.GetTimestamp() >= _retryAt);
        }
    }

    /// <summary>Writes and syncs a group, and does what else is due. One at a time.</summary>
    /// <param name="group">The parts; null for none.</param>
    /// <returns>Where the parts lie, in their order; null when they are not durable.</returns>
    public async Task<IReadOnlyList<SpoolEntry>?> WorkAsync(SpoolGroup? group)
    {
        IReadOnlyList<SpoolEntry>? entries = null;
        await _run(() =>
        {
            Upkeep();
            entries = group is null ? Retry() : Write(group);
        });
        return entries;
    }

    /// <summary>Reads the frames of a part that is not settled.</summary>
    /// <param name="entry">The part.</param>
    /// <param name="frames">As long as its frames.</param>
    public SpoolRead Read(SpoolEntry entry, Span<byte> frames)
    {
        try
        {
            Span<byte> bytes = stackalloc byte[SpoolEntryHead.Length];
            if (entry.Segment.File.Read(bytes, entry.Offset) == bytes.Length
                && SpoolEntryHead.Read(bytes, entry.Segment.Number) is { } head && head.FramesLength == frames.Length
                && entry.Segment.File.Read(frames, entry.Offset + SpoolEntryHead.Length) == frames.Length
                && SpoolEntryHead.ChecksumOf(frames) == head.FramesChecksum)
                return SpoolRead.Whole;
            return SpoolRead.Damaged;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return SpoolRead.Unavailable;
        }
    }

    /// <summary>The grid has a part; its room may be used again.</summary>
    public void Settle(SpoolEntry entry)
    {
        lock (_lock)
        {
            _eventsDelivered += entry.EventCount;
            Release(entry);
        }
    }

    /// <summary>A part was given up while it was written. Its room is free, but it says nothing about the parts before it.</summary>
    public void Abandon(SpoolEntry entry)
    {
        lock (_lock)
            Forget(entry);
    }

    /// <summary>A part cannot be read back: its file is kept aside, and its events are lost.</summary>
    public void GiveUp(SpoolEntry entry)
    {
        var segment = entry.Segment;
        lock (_lock)
        {
            _eventsDamaged += entry.EventCount;
            if (!segment.IsKeptAside)
                _damage.TryKeepCopy(segment.Name);
            segment.IsKeptAside = true;
            Release(entry);
        }
        LogDamaged(_logger, entry.EventCount, segment.Name, _files.Directory);
    }

    private void Begin()
    {
        if (_recovered.Count > 0)
            LogRecovered(_logger, _waitingEvents, _waitingParts, _files.Directory);
        if (_damage.Warning is { Length: > 0 } warning)
            LogWarning(_logger, warning);
        Retry();
    }

    private string? FindObstacle()
    {
        if (_trouble is not null)
            return _trouble;
        if (_waitingParts >= _bounds.PartsMax)
            return $"full: {_waitingParts} parts wait";
        var isRoomInCurrent = _current is { } current && current.End < current.Length - current.Length / 16;
        return isRoomInCurrent || FitsAnother(_bounds.SegmentLengthFor(0)) ? null : $"full: {_segments.Sum(segment => segment.Length)} bytes";
    }

    private bool FitsAnother(long length) => _segments.Sum(segment => segment.Length) + length <= _bounds.BytesMax;

    [LoggerMessage(EventIds.SpoolRecovered, LogLevel.Information, "{EventCount} events in {PartCount} parts wait in the spool {Directory} and are sent when the grid takes them")]
    private static partial void LogRecovered(ILogger logger, long eventCount, int partCount, string directory);

    [LoggerMessage(EventIds.SpoolWarning, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);

    [LoggerMessage(EventIds.SpoolDamaged, LogLevel.Error, "{EventCount} events of {File} in {Directory} cannot be read back and are lost; the file is kept aside")]
    private static partial void LogDamaged(ILogger logger, int eventCount, string file, string directory);

    [LoggerMessage(EventIds.SpoolFailed, LogLevel.Error, "The spool {Directory} takes no events: {Reason}")]
    private static partial void LogFailed(ILogger logger, string directory, string reason);

    [LoggerMessage(EventIds.SpoolWorks, LogLevel.Information, "The spool {Directory} takes events again")]
    private static partial void LogWorks(ILogger logger, string directory);
}
