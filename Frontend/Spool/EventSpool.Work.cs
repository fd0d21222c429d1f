namespace Divolte.Frontend.Spool;

/// <summary>What touches the disk: writing groups, making and freeing files, progress. One thread at a time.</summary>
internal sealed partial class EventSpool
{
    private readonly List<SpoolSegment> _delivered = [];
    private SpoolSegment? _writing;
    private bool _isProgressNew;
    private bool _isClosing;
    private long _progressAt;

    /// <summary>Writes the last progress, frees what is delivered, and lets go of the directory. Nobody works or reads any more.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_current is { Unsettled: 0 } empty)
                _delivered.Add(empty);
            _current = null;
            _isClosing = true;
        }
        Upkeep();
        foreach (var segment in _segments)
            segment.Dispose();
        _segments.Clear();
        _directoryLock.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<SpoolEntry>? Write(SpoolGroup group)
    {
        if (Room(group) is not { } segment)
            return null;
        try
        {
            segment.File.Write([group.Complete(segment)], segment.End);
            segment.File.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is known of its bytes any more: what is whole after a restart is delivered then, under the sequence it has.
            Fail(e.Message);
            return null;
        }
        lock (_lock)
        {
            _writing = null;
            List<SpoolEntry> entries = [.. group.EntriesIn(segment, segment.End)];
            segment.End += group.Length;
            segment.Unsettled += entries.Count;
            _waitingParts += entries.Count;
            var events = entries.Sum(entry => (long)entry.EventCount);
            _waitingEvents += events;
            _eventsWritten += events;
            return entries;
        }
    }

    /// <summary>The segment that takes a group, made when needed; null when there is none.</summary>
    private SpoolSegment? Room(SpoolGroup group)
    {
        lock (_lock)
        {
            if (_waitingParts + group.Count > _bounds.PartsMax)
                return null;
            if (_current is { } current && current.End + group.Length <= current.Length)
                return _writing = current;
            if (_trouble is not null && _time.GetTimestamp() < _retryAt)
                return null;
            Leave();
            if (!FitsAnother(_bounds.SegmentLengthFor(group.Length)))
                return null;
        }
        return _writing = Create(_bounds.SegmentLengthFor(group.Length));
    }

    /// <summary>Tries a disk that failed, or makes the first segment, so that readiness promises what is true.</summary>
    private List<SpoolEntry>? Retry()
    {
        lock (_lock)
        {
            if (_current is not null || (_trouble is not null && _time.GetTimestamp() < _retryAt) || !FitsAnother(_bounds.SegmentLengthFor(0)))
                return null;
        }
        Create(_bounds.SegmentLengthFor(0));
        return null;
    }

    private SpoolSegment? Create(long length)
    {
        var number = ++_lastNumber;
        var name = SpoolSegment.NameOf(number);
        try
        {
            var file = _files.Create(name, length);
            var segment = new SpoolSegment(number, Frontend, file);
            file.Write([SpoolSegment.Header(number, Frontend, _owner)], 0);
            file.Sync();
            _files.SyncDirectory();
            bool wasFailing;
            lock (_lock)
            {
                _segments.Add(segment);
                _current = segment;
                wasFailing = _trouble is not null;
                _trouble = null;
            }
            if (wasFailing)
                LogWorks(_logger, _files.Directory);
            return segment;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(name);
            Fail(e.Message);
            return null;
        }
    }

    private void Fail(string reason)
    {
        bool isNew;
        lock (_lock)
        {
            _writing = null;
            Leave();
            isNew = _trouble is null;
            _trouble = reason;
            _retryAt = _time.GetTimestamp() + (long)(_bounds.RetryPause.TotalSeconds * _time.TimestampFrequency);
        }
        if (isNew)
            LogFailed(_logger, _files.Directory, reason);
    }

    /// <summary>Takes no more parts into the current segment.</summary>
    private void Leave()
    {
        if (_current is { Unsettled: 0 } delivered)
            _delivered.Add(delivered);
        _current = null;
    }

    private void Release(SpoolEntry entry)
    {
        _progress.Settle(entry.Segment.Frontend, entry.Shard, entry.Sequence);
        _isProgressNew = true;
        Forget(entry);
    }

    private void Forget(SpoolEntry entry)
    {
        var segment = entry.Segment;
        _waitingParts--;
        _waitingEvents -= entry.EventCount;
        if (--segment.Unsettled > 0)
            return;
        if (segment != _current)
            _delivered.Add(segment);
        else if (_writing is null && segment.End > segment.Length / 2)
            Leave();
    }

    private bool IsProgressDue() =>
        _isProgressNew && (_isClosing || _time.GetElapsedTime(_progressAt) >= _bounds.ProgressPeriod);

    private void Upkeep()
    {
        List<SpoolSegment> delivered;
        (string Name, byte[] Bytes)? progress = null;
        lock (_lock)
        {
            delivered = [.. _delivered];
            _delivered.Clear();
            foreach (var segment in delivered)
                _segments.Remove(segment);
            if (IsProgressDue())
            {
                _progress.Retain(_segments.Select(segment => segment.Frontend).ToHashSet());
                progress = _progress.Next();
                _isProgressNew = false;
                _progressAt = _time.GetTimestamp();
            }
        }
        foreach (var segment in delivered)
        {
            segment.Dispose();
            TryDelete(segment.Name);
        }
        if (progress is { } next)
            TryWrite(next.Name, next.Bytes);
    }

    private void TryWrite(string name, byte[] bytes)
    {
        try
        {
            SpoolProgress.Write(_files, name, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only spares deliveries; the next period tries again.
            lock (_lock)
                _isProgressNew = true;
        }
    }

    private void TryDelete(string name)
    {
        try
        {
            _files.Delete(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is found again at the next start, and its parts are known to be delivered.
        }
    }
}
