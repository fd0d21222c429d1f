using Divolte.Grains.Journal;

namespace Divolte.Grains.Streaming;

/// <summary>
/// The part of one queue that is in memory for one sink: everything between what the sink has confirmed and what was read last, bounded in bytes.
/// Its lower end moves only with the sink's confirmation; who asks for something older sends the reader back to the journal, so nothing is ever skipped.
/// </summary>
/// <param name="bytesMax">When it holds so many bytes, reading waits for the sink.</param>
internal sealed class JournalWindow(long bytesMax)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<JournalBatch> _batches = new();
    private TaskCompletionSource _moved = NewSignal();
    private TaskCompletionSource _room = NewSignal();
    private long _bytes;
    private JournalPosition _low;
    private JournalPosition _high;
    private bool _isPlaced;

    /// <summary>Whether it is known where to read; see <see cref="Place"/>.</summary>
    public bool IsPlaced
    {
        get
        {
            lock (_lock)
                return _isPlaced;
        }
    }

    /// <summary>Behind which position the reader goes on.</summary>
    public JournalPosition High
    {
        get
        {
            lock (_lock)
                return _high;
        }
    }

    /// <summary>Whether the reader must wait. An empty window always has room, however large the next batch is.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
                return _bytes >= bytesMax;
        }
    }

    /// <summary>Bytes in memory.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <summary>Completes at the next <see cref="Place"/>: take it first, then look at the window, then await it.</summary>
    public Task Moved
    {
        get
        {
            lock (_lock)
                return _moved.Task;
        }
    }

    /// <summary>Completes when something leaves the memory; to be used like <see cref="Moved"/>.</summary>
    public Task Room
    {
        get
        {
            lock (_lock)
                return _room.Task;
        }
    }

    /// <summary>Empties the window; reading goes on behind the position.</summary>
    public void Place(JournalPosition position)
    {
        lock (_lock)
        {
            _batches.Clear();
            _bytes = 0;
            _low = _high = position;
            _isPlaced = true;
            Signal(ref _moved);
            Signal(ref _room);
        }
    }

    /// <summary>Empties the window: where it stood means nothing any more, because the journal may have come back shorter.</summary>
    public void Displace()
    {
        lock (_lock)
        {
            _batches.Clear();
            _bytes = 0;
            _isPlaced = false;
            Signal(ref _moved);
            Signal(ref _room);
        }
    }

    /// <summary>Takes what was read. Refuses what does not follow on: the window was placed elsewhere meanwhile, and the reader goes on from there.</summary>
    public bool TryAdd(JournalBatch batch)
    {
        lock (_lock)
        {
            if (!_isPlaced || batch.Incarnation != _high.Incarnation || batch.After != _high.Offset)
                return false;
            _batches.AddLast(batch);
            _bytes += batch.Bytes;
            _high = batch.Position;
            return true;
        }
    }

    /// <summary>The sink has confirmed everything up to the position: it leaves the memory.</summary>
    public void Confirm(JournalPosition position)
    {
        lock (_lock)
        {
            if (!_isPlaced || position.Incarnation != _high.Incarnation || position.Offset <= _low.Offset)
                return;
            var before = _batches.Count;
            while (_batches.First is { } first && first.Value.Through <= position.Offset)
            {
                _bytes -= first.Value.Bytes;
                _low = first.Value.Position;
                _batches.RemoveFirst();
            }
            if (_batches.Count < before)
                Signal(ref _room);
        }
    }

    /// <summary>Makes sure that everything behind a position can be had: if the window starts later, it is placed back, and the reader reads again.</summary>
    public void Require(JournalPosition position)
    {
        lock (_lock)
        {
            if (_isPlaced && position.Incarnation == _low.Incarnation && position.Offset < _low.Offset)
                Place(position);
        }
    }

    /// <summary>The first batch that ends behind an offset; null when it is not read yet.</summary>
    public JournalBatch? FirstBehind(long offset)
    {
        lock (_lock)
        {
            // A cursor is nearly always at the end, so look from there.
            JournalBatch? found = null;
            for (var node = _batches.Last; node is not null && node.Value.Through > offset; node = node.Previous)
                found = node.Value;
            return found;
        }
    }

    private static void Signal(ref TaskCompletionSource signal)
    {
        var due = signal;
        signal = NewSignal();
        due.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
