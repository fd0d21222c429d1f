using Divolte.Grains.Interfaces.StableFiles;
using Divolte.Grains.Journal.Marks;
using Divolte.Grains.Journal.Recovery;
using Divolte.Grains.Journal.Writing;

namespace Divolte.Grains.Journal.Segments;

/// <summary>
/// The log: its segments in order, of which the last is open. Everything that can be found in here is synced. The writer adds to it, readers look up,
/// upkeep frees; the lock is held for look-ups only, never over a call to the disk.
/// </summary>
internal sealed partial class SegmentLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IStableFiles _files;
    private readonly LocalJournalOptions _options;
    private readonly List<Segment> _segments;
    private readonly List<MarksFile> _marksFiles;
    private readonly List<Segment> _freedWithoutSummary = [];
    private readonly QueueState[] _queues;
    private readonly TailCache _tail;
    private readonly bool[] _touched;
    private long _indexUse;

    public SegmentLog(IStableFiles files, LocalJournalOptions options, RecoveredLog recovered)
    {
        _files = files;
        _options = options;
        _segments = recovered.Segments;
        _marksFiles = recovered.MarksFiles;
        Open = _segments[^1];
        _queues = recovered.Queues;
        _tail = new TailCache(options.TailCacheBytes);
        _touched = new bool[_queues.Length];
        Signals = new QueueSignals(_queues.Length);
        Incarnation = recovered.Incarnation;
    }

    public long Incarnation { get; }

    public QueueSignals Signals { get; }

    /// <summary>The segment that is appended to. Belongs to the writer.</summary>
    public Segment Open { get; private set; }

    /// <summary>Where entries are put together before they are written. Belongs to the writer, up to <see cref="Publish"/>.</summary>
    public TailCache Tail => _tail;

    /// <summary>Bytes that all files take, reserved room that is not used yet left out.</summary>
    public long BytesStored
    {
        get
        {
            lock (_gate)
            {
                var bytes = 0L;
                foreach (var segment in _segments)
                    bytes += segment.Length;
                foreach (var file in _marksFiles)
                    bytes += file.Bytes;
                return bytes;
            }
        }
    }

    /// <summary>Seals the open segment and begins the next one, durable before it is used. Only the writer calls it.</summary>
    /// <param name="entryBytes">Bytes that are about to be appended.</param>
    /// <param name="redeliveries">The redelivery state at this point.</param>
    /// <exception cref="IOException">There is no new segment; the old one takes no more either.</exception>
    public Segment Roll(long entryBytes, byte[] redeliveries)
    {
        var before = Open;
        var header = new SegmentHeader(Incarnation, before.End, _options.Parameters, CopyQueues());
        Segment segment;
        try
        {
            segment = Create(_files, header, _options.SegmentBytes, entryBytes);
        }
        catch
        {
            // The file that was given up may come back after a power cut. It would end this segment where it starts, so nothing is written behind that.
            before.IsBroken = true;
            throw;
        }
        lock (_gate)
        {
            before.Redeliveries = redeliveries;
            before.IsSealed = true;
            _segments.Add(segment);
        }
        Open = segment;
        return segment;
    }

    /// <summary>Makes a segment file with its header, synced, under its name.</summary>
    public static Segment Create(IStableFiles files, SegmentHeader header, long segmentBytes, long entryBytes)
    {
        var bytes = header.ToBytes();
        var capacity = Math.Max(segmentBytes, bytes.Length + entryBytes);
        var name = Segment.NameOf(header.Start);
        var file = files.Create(name, capacity);
        try
        {
            file.Write([bytes], 0);
            file.Sync();
            files.SyncDirectory();
            return new Segment(file, header, bytes.Length) { Capacity = capacity };
        }
        catch
        {
            file.Dispose();
            GiveUp(files, name);
            throw;
        }
    }

    /// <summary>Makes the entries that were reserved in <see cref="Tail"/>, and are synced now, visible to readers. Only the writer calls it.</summary>
    public void Publish(List<AppendRequest> group)
    {
        lock (_gate)
        {
            var segment = Open;
            foreach (var request in group)
            {
                segment.Add(request.Head, request.Keys);
                var queue = _queues[request.Head.Queue];
                queue.End = segment.End;
                var sources = request.Append.Sources;
                for (var at = 0; at < sources.Count; at++)
                    queue.Add(sources[at].Source, sources[at].Events);
                _touched[request.Head.Queue] = true;
            }
            _tail.Commit();
        }
    }

    /// <summary>Wakes the readers of the queues that were published to. Only the writer calls it.</summary>
    public void Signal()
    {
        for (var queue = 0; queue < _touched.Length; queue++)
        {
            if (!_touched[queue])
                continue;
            _touched[queue] = false;
            Signals.Raise(queue);
        }
    }

    /// <summary>Completes when the queue holds something behind an offset.</summary>
    public Task WhenBehind(int queue, long offset)
    {
        lock (_gate)
            return _queues[queue].End > offset ? Task.CompletedTask : Signals.Next(queue);
    }

    public QueueState GetQueue(int queue)
    {
        lock (_gate)
            return _queues[queue].Copy();
    }

    public void Dispose()
    {
        Signals.Close();
        lock (_gate)
        {
            foreach (var segment in _segments)
                segment.Retire();
        }
    }

    private static void GiveUp(IStableFiles files, string name)
    {
        try
        {
            files.Delete(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next try replaces it, or the next start finds it without an entry.
        }
    }

    private QueueState[] CopyQueues()
    {
        lock (_gate)
            return [.. _queues.Select(queue => queue.Copy())];
    }
}
