using System.Buffers.Binary;
using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.Grains.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Divolte.Grains.Tests.Streaming;

/// <summary>A journal in memory: entries, waiting, progress and trimming as the contract has them; no marks and no fencing.</summary>
internal sealed class MemoryJournal(int queues = 2, long incarnation = 1, TimeProvider? time = null) : IJournal
{
    private readonly Lock _lock = new();
    private readonly List<JournalEntry>[] _entries = [.. Enumerable.Range(0, queues).Select(_ => new List<JournalEntry>())];
    private readonly Dictionary<string, long>[] _accepted = [.. Enumerable.Range(0, queues).Select(_ => new Dictionary<string, long>())];
    private readonly Dictionary<(string, int), SinkProgress> _progress = [];
    private readonly ShardMap _shards = new(64, queues);
    private readonly TimeProvider _time = time ?? new FakeTimeProvider();
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _offset;

    public JournalParameters Parameters { get; } = new(64, queues, "party");

    public long Incarnation { get; set; } = incarnation;

    public JournalHealth Health => new(true, "", 0);

    /// <summary>Reads so far: shows what was read again and what was not.</summary>
    public int Reads { get; private set; }

    /// <summary>Makes reads fail until it is null again.</summary>
    public Exception? ReadFailure { get; set; }

    public ValueTask<ShardClaim> ClaimAsync(int shard, CancellationToken cancellationToken) =>
        new(new ShardClaim(1, _time.GetUtcNow(), [], []));

    public ValueTask<AppendOutcome> AppendAsync(ShardAppend append, CancellationToken cancellationToken)
    {
        TaskCompletionSource appended;
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            var queue = _shards.QueueOf(append.Shard);
            _offset += append.Frames.Length;
            _entries[queue].Add(new JournalEntry(new JournalPosition(Incarnation, _offset), append.Shard, now, append.EventCount, append.Frames.ToArray()));
            foreach (var count in append.Sources)
                _accepted[queue][count.Source] = _accepted[queue].GetValueOrDefault(count.Source) + count.Events;
            (appended, _appended) = (_appended, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        appended.SetResult();
        return new ValueTask<AppendOutcome>(new AppendOutcome(AppendStatus.Appended, now));
    }

    public ValueTask<JournalPage> ReadAsync(int queue, JournalPosition after, int bytesMax, CancellationToken cancellationToken)
    {
        if (ReadFailure is { } failure)
            throw failure;
        lock (_lock)
        {
            Reads++;
            var entries = new List<JournalEntry>();
            var bytes = 0;
            foreach (var entry in _entries[queue].Where(entry => entry.Position.Offset > after.Offset))
            {
                if (entries.Count > 0 && bytes + entry.Frames.Length > bytesMax)
                    break;
                entries.Add(entry);
                bytes += entry.Frames.Length;
            }
            return new ValueTask<JournalPage>(new JournalPage(entries, entries.Count == 0 ? after : entries[^1].Position));
        }
    }

    public async ValueTask WaitAsync(int queue, JournalPosition after, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task appended;
            lock (_lock)
            {
                if (_entries[queue].Count > 0 && _entries[queue][^1].Position.Offset > after.Offset)
                    return;
                appended = _appended.Task;
            }
            await appended.WaitAsync(cancellationToken);
        }
    }

    public ValueTask<QueueEnd> GetEndAsync(int queue, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var end = new JournalPosition(Incarnation, _entries[queue].Count == 0 ? 0 : _entries[queue][^1].Position.Offset);
            return new ValueTask<QueueEnd>(new QueueEnd(end, [.. _accepted[queue].Select(count => new SourceCount(count.Key, count.Value))], null));
        }
    }

    public ValueTask<SinkProgress?> ReadProgressAsync(string sink, int queue, CancellationToken cancellationToken)
    {
        lock (_lock)
            return new ValueTask<SinkProgress?>(_progress.GetValueOrDefault((sink, queue)));
    }

    public ValueTask<ProgressOutcome> SaveProgressAsync(SinkProgress progress, CancellationToken cancellationToken)
    {
        lock (_lock)
            _progress[(progress.Sink, progress.Queue)] = progress with { Ledger = progress.Ledger.ToArray() };
        return new ValueTask<ProgressOutcome>(ProgressOutcome.Stored);
    }

    public async ValueTask ResetProgressAsync(SinkProgress progress, CancellationToken cancellationToken) => await SaveProgressAsync(progress, cancellationToken);

    public ValueTask<IReadOnlyList<SinkProgress>> ListProgressAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return new ValueTask<IReadOnlyList<SinkProgress>>([.. _progress.Values]);
    }

    public ValueTask ReleaseAsync(string sink, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var key in _progress.Keys.Where(key => key.Item1 == sink).ToList())
                _progress.Remove(key);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask TrimAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            for (var queue = 0; queue < queues; queue++)
            {
                var slowest = _progress.Values.Where(progress => progress.Queue == queue).Select(progress => progress.Position.Offset).DefaultIfEmpty(0).Min();
                _entries[queue].RemoveAll(entry => entry.Position.Offset <= slowest);
            }
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>How many entries of a queue are kept.</summary>
    public int CountEntries(int queue)
    {
        lock (_lock)
            return _entries[queue].Count;
    }
}
