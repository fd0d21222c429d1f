using System.Diagnostics.CodeAnalysis;
using Divolte.Grains.Journal;
using Divolte.Grains.Streaming;

namespace Divolte.Grains.Sinks;

/// <summary>
/// What a sink has taken from its stream and not yet mapped, in order and without gap or repetition: it checks that itself, and relies on nobody upstream.
/// Bounded by everything taken whose position is not yet confirmed.
/// </summary>
/// <param name="start">Everything before it is confirmed.</param>
/// <param name="bytesMax">Bytes beyond which nothing more is taken.</param>
/// <param name="time">The clock.</param>
internal sealed class SinkInbox(JournalPosition start, long bytesMax, TimeProvider time)
{
    /// <summary>How long a delivery waits for room before it is to be tried again.</summary>
    private static readonly TimeSpan RoomWaitMax = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<JournalEntry> _entries = new();
    private TaskCompletionSource _readable = NewSignal();
    private TaskCompletionSource _room = NewSignal();
    private JournalPosition _taken = start;
    private long _unconfirmedBytes;
    private bool _isClosed;
    private long _events;
    private long _bytes;

    /// <summary>The position behind what was taken.</summary>
    public JournalPosition Taken
    {
        get
        {
            lock (_lock)
                return _taken;
        }
    }

    /// <summary>Bytes taken whose position is not confirmed.</summary>
    public long UnconfirmedBytes
    {
        get
        {
            lock (_lock)
                return _unconfirmedBytes;
        }
    }

    /// <summary>What an event takes in the journal, on average over what was taken so far; a usual size before that.</summary>
    public double BytesPerEvent
    {
        get
        {
            const double usualBytes = 1024;
            lock (_lock)
                return _events == 0 ? usualBytes : (double)_bytes / _events;
        }
    }

    /// <summary>When the oldest entry that waits here was appended; null when none waits.</summary>
    public DateTimeOffset? OldestAppendedAt
    {
        get
        {
            lock (_lock)
                return _entries.TryPeek(out var entry) ? entry.AppendedAt : null;
        }
    }

    /// <summary>Completes when there is something to take out, or nothing more will come: ask it first, then try, then await it.</summary>
    public Task Readable
    {
        get
        {
            lock (_lock)
                return _entries.Count > 0 || _isClosed ? Task.CompletedTask : _readable.Task;
        }
    }

    /// <summary>Takes what is new in a batch.</summary>
    /// <exception cref="SinkBusyException">There is no room, or the sink is stopping: deliver it again.</exception>
    /// <exception cref="JournalGapException">Something before the batch was never delivered.</exception>
    public async ValueTask AcceptAsync(JournalBatch batch)
    {
        if (TryAccept(batch) is not { } room)
            return;
        await Task.WhenAny(room, Task.Delay(RoomWaitMax, time));
        if (TryAccept(batch) is not null)
            throw new SinkBusyException();
    }

    /// <summary>The next entry; it stays here until it is taken.</summary>
    public bool TryPeek([NotNullWhen(true)] out JournalEntry? entry)
    {
        lock (_lock)
            return _entries.TryPeek(out entry);
    }

    public bool TryTake([NotNullWhen(true)] out JournalEntry? entry)
    {
        lock (_lock)
        {
            if (!_entries.TryDequeue(out entry))
                return false;
            if (_entries.Count == 0 && _readable.Task.IsCompleted)
                _readable = NewSignal();
            return true;
        }
    }

    /// <summary>The position behind so many bytes more is confirmed.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _unconfirmedBytes -= bytes;
            var room = _room;
            _room = NewSignal();
            room.TrySetResult();
        }
    }

    /// <summary>Takes nothing more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _readable.TrySetResult();
        }
    }

    /// <returns>Null when the batch is taken; otherwise what to wait for.</returns>
    private Task? TryAccept(JournalBatch batch)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw new SinkBusyException();
            if (batch.Incarnation != _taken.Incarnation || batch.After > _taken.Offset)
                throw new JournalGapException(_taken, new JournalPosition(batch.Incarnation, batch.After));
            if (batch.Through <= _taken.Offset)
                return null;
            if (_unconfirmedBytes >= bytesMax)
                return _room.Task;
            foreach (var entry in batch.Entries.Where(entry => entry.Position.Offset > _taken.Offset))
            {
                _entries.Enqueue(entry);
                _unconfirmedBytes += entry.Frames.Length;
                _bytes += entry.Frames.Length;
                _events += entry.EventCount;
            }
            _taken = batch.Position;
            if (_entries.Count > 0)
                _readable.TrySetResult();
            return null;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A sink cannot take more now; the stream runtime delivers again.</summary>
internal sealed class SinkBusyException() : Exception("The sink has no room for more events now.");

/// <summary>A broken invariant: a batch arrived whose predecessor did not. The sink starts again at its confirmed position.</summary>
internal sealed class JournalGapException(JournalPosition taken, JournalPosition after)
    : Exception($"Events between {taken} and {after} were not delivered.");
