using Divolte.Grains.Journal;
using Orleans.Runtime;
using Orleans.Streams;

namespace Divolte.Grains.Streaming;

/// <summary>
/// The pulling agent's view of a <see cref="JournalWindow"/>. It never answers with a cache miss: what is no longer in memory is read again.
/// The bound on its memory is kept by the receiver, which does not read while the window is full.
/// </summary>
internal sealed class JournalQueueCache(JournalWindow window) : IQueueCache
{
    /// <summary>No bound on the number of batches: they are bounded in bytes.</summary>
    public int GetMaxAddCount() => -1;

    public void AddToCache(IList<IBatchContainer> messages)
    {
        foreach (var message in messages)
            window.TryAdd((JournalBatch)message);
    }

    /// <summary>Nothing leaves here: only the sink's confirmation makes room.</summary>
    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        purgedItems = [];
        return false;
    }

    public bool IsUnderPressure() => false;

    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) => Open(token);

    public QueueCacheCursorResult<IQueueCacheCursor> TryGetCacheCursor(StreamId streamId, StreamSequenceToken? token) =>
        QueueCacheCursorResult<IQueueCacheCursor>.FromCursor(Open(token));

    public QueueCacheCursorResult<IQueueCacheCursor> TryGetCacheCursorAtPosition(StreamId streamId, StreamSubscriptionStartPosition startPosition) =>
        QueueCacheCursorResult<IQueueCacheCursor>.FromCursor(Open(null));

    /// <summary>A cursor whose first batch is the one that the token names, or the first behind it; without a token, the oldest in memory.</summary>
    private JournalCursor Open(StreamSequenceToken? token)
    {
        if (token is not JournalToken { Position: var position })
            return new JournalCursor(window, long.MinValue);
        window.Require(position);
        return new JournalCursor(window, position.Offset - 1);
    }
}

/// <summary>A place in a window that moves on batch by batch.</summary>
/// <param name="window">The window.</param>
/// <param name="behind">Offset behind which the next batch ends.</param>
internal sealed class JournalCursor(JournalWindow window, long behind) : IQueueCacheCursor
{
    private JournalBatch? _current;

    public IBatchContainer? GetCurrent(out Exception? exception)
    {
        exception = null;
        return _current;
    }

    public bool MoveNext()
    {
        if (window.FirstBehind(behind) is not { } next)
            return false;
        _current = next;
        behind = next.Through;
        return true;
    }

    public QueueCacheCursorMoveResult MoveNextWithResult() => MoveNext() ? QueueCacheCursorMoveResult.Success : QueueCacheCursorMoveResult.NoData;

    public void Refresh(StreamSequenceToken token)
    {
    }

    /// <summary>Nothing to note: what the sink has not confirmed stays in the journal and is delivered again.</summary>
    public void RecordDeliveryFailure()
    {
    }

    public void Dispose() => _current = null;
}
