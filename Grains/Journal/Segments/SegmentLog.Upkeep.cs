using Divolte.Grains.Journal.Marks;

namespace Divolte.Grains.Journal.Segments;

/// <summary>Summaries, marks and freeing.</summary>
internal sealed partial class SegmentLog
{
    /// <summary>Writes the summaries of sealed segments that have none. One caller at a time.</summary>
    /// <exception cref="IOException">Some are still missing; they stay in memory.</exception>
    public void WriteSummaries()
    {
        foreach (var segment in WithoutSummary())
        {
            // A sealed segment does not change any more, so this needs no lock. What it reserved and did not use is given back first: it may be the room.
            if (!segment.IsRetired && segment.File.Length > segment.Length)
                segment.File.SetLength(segment.Length);
            var bytes = SegmentSummary.Write(_files, segment);
            lock (_gate)
            {
                AddMarksFile(new MarksFile(segment.Start, segment.SummaryName, segment.MarkCount, segment.LastTicks, bytes));
                segment.HasSummary = true;
                segment.Marks = null;
                segment.Redeliveries = null;
                _freedWithoutSummary.Remove(segment);
                DropIndexes(segment);
            }
        }
    }

    /// <summary>What a shard must remember, oldest first: the files to read, then the marks that are in no file yet. The writer calls it, so that no write is under way.</summary>
    public (IReadOnlyList<MarksFile> Files, List<EventMark> Newer) SnapshotMarks(int shard, MarksRetention retention, DateTimeOffset now)
    {
        lock (_gate)
        {
            var newer = new List<EventMark>();
            foreach (var segment in _freedWithoutSummary.Concat(_segments))
                segment.Marks?.CopyTo(newer, shard);
            var unwanted = retention.CountUnwanted(_marksFiles, NewerMarks(), now);
            return ([.. _marksFiles.Skip(unwanted)], newer);
        }
    }

    /// <summary>Frees the oldest segments up to the first that a queue still needs. One caller at a time.</summary>
    /// <param name="floors">For each queue the offset before which nothing is needed.</param>
    /// <param name="isFull">
    /// There was no room for the summaries. The oldest segment then goes without: its marks stay in memory, and the room that it leaves is for them.
    /// </param>
    /// <returns>Number of segments that were freed.</returns>
    public int Free(IReadOnlyList<long> floors, bool isFull)
    {
        var freed = new List<Segment>();
        lock (_gate)
        {
            while (freed.Count < _segments.Count && IsFreeable(_segments[freed.Count], floors, isFull && freed.Count == 0))
                freed.Add(_segments[freed.Count]);
            _segments.RemoveRange(0, freed.Count);
            _freedWithoutSummary.AddRange(freed.Where(segment => !segment.HasSummary));
        }
        foreach (var segment in freed)
        {
            lock (_gate)
                segment.Retire();
            // One after another, durably: a later one that is gone while an earlier one came back would look like a lost file.
            _files.Delete(segment.Name);
            _files.SyncDirectory();
        }
        return freed.Count;
    }

    /// <summary>Deletes summaries whose segment is freed and whose marks are no longer wanted. One caller at a time.</summary>
    public void FreeMarks(MarksRetention retention, DateTimeOffset now)
    {
        List<MarksFile> freed;
        lock (_gate)
        {
            var oldestSegment = _segments[0].Start;
            freed = [.. _marksFiles.Take(retention.CountUnwanted(_marksFiles, NewerMarks(), now)).TakeWhile(file => file.Start < oldestSegment)];
            // The newest summary carries the redelivery state of everything before it.
            if (freed.Count > 0 && freed.Count == _marksFiles.Count)
                freed.RemoveAt(freed.Count - 1);
            _marksFiles.RemoveRange(0, freed.Count);
        }
        foreach (var file in freed)
            _files.Delete(file.Name);
        if (freed.Count > 0)
            _files.SyncDirectory();
    }

    private static bool IsFreeable(Segment segment, IReadOnlyList<long> floors, bool isFull)
    {
        if (!segment.IsSealed || (!segment.HasSummary && !isFull))
            return false;
        for (var queue = 0; queue < floors.Count; queue++)
        {
            if (segment.QueueEnds[queue] > floors[queue])
                return false;
        }
        return true;
    }

    private long NewerMarks() => _freedWithoutSummary.Concat(_segments).Sum(segment => (long)(segment.Marks?.Count ?? 0));

    private List<Segment> WithoutSummary()
    {
        lock (_gate)
            return [.. _freedWithoutSummary.Concat(_segments).Where(segment => segment is { IsSealed: true, HasSummary: false })];
    }

    private void AddMarksFile(MarksFile file)
    {
        var at = _marksFiles.Count;
        while (at > 0 && _marksFiles[at - 1].Start > file.Start)
            at--;
        _marksFiles.Insert(at, file);
    }
}
