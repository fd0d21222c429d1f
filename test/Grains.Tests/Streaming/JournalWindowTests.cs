using Divolte.Grains.Journal;
using Divolte.Grains.Streaming;
using Xunit;

namespace Divolte.Grains.Tests.Streaming;

public sealed class JournalWindowTests
{
    private static readonly JournalPosition Start = new(1, 0);

    [Fact]
    public void Cursor_YieldsBatchesInOrderAndThenNothing()
    {
        var window = Placed();
        Assert.True(window.TryAdd(Batch(0, 10)));
        Assert.True(window.TryAdd(Batch(10, 20)));
        var cursor = Open(window, 10);

        Assert.Equal([10L, 20L], Drain(cursor));
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void TokenInsideABatch_YieldsThatBatchAgain()
    {
        var window = Placed();
        window.TryAdd(Batch(0, 10));
        window.TryAdd(Batch(10, 20));

        Assert.Equal([20L], Drain(Open(window, 15)));
    }

    [Fact]
    public void OnlyConfirmedBatches_LeaveTheMemory()
    {
        var window = Placed();
        window.TryAdd(Batch(0, 10));
        window.TryAdd(Batch(10, 20));
        var all = window.Bytes;

        window.Confirm(new JournalPosition(1, 19));

        Assert.Equal(all / 2, window.Bytes);
        Assert.Equal([20L], Drain(Open(window, 10)));
    }

    [Fact]
    public void ConfirmationOfAnotherIncarnation_IsIgnored()
    {
        var window = Placed();
        window.TryAdd(Batch(0, 10));

        window.Confirm(new JournalPosition(2, 10));

        Assert.NotEqual(0, window.Bytes);
    }

    [Fact]
    public void TokenOlderThanTheMemory_SendsTheReaderBackAndSkipsNothing()
    {
        var window = Placed();
        window.TryAdd(Batch(0, 10));
        window.TryAdd(Batch(10, 20));
        window.Confirm(new JournalPosition(1, 10));
        var moved = window.Moved;

        var cursor = Open(window, 5);

        Assert.True(moved.IsCompleted);
        Assert.Equal(5, window.High.Offset);
        Assert.False(cursor.MoveNext());
        Assert.True(window.TryAdd(Batch(5, 10)));
        Assert.True(window.TryAdd(Batch(10, 20)));
        Assert.Equal([10L, 20L], Drain(cursor));
    }

    [Fact]
    public void BatchReadBeforeTheWindowMoved_IsRefused()
    {
        var window = Placed();
        var late = Batch(0, 10);
        window.Place(new JournalPosition(1, 30));

        Assert.False(window.TryAdd(late));
    }

    [Fact]
    public void FullWindow_HasRoomOnceTheSinkConfirms()
    {
        var window = Placed(bytesMax: 1);
        window.TryAdd(Batch(0, 10));
        var room = window.Room;
        Assert.True(window.IsFull);

        window.Confirm(new JournalPosition(1, 10));

        Assert.False(window.IsFull);
        Assert.True(room.IsCompleted);
    }

    private static JournalWindow Placed(long bytesMax = 1 << 20)
    {
        var window = new JournalWindow(bytesMax);
        window.Place(Start);
        return window;
    }

    private static JournalBatch Batch(long after, long through)
    {
        var position = new JournalPosition(1, through);
        var entry = new JournalEntry(position, 0, default, 1, new byte[100]);
        return new JournalBatch(JournalStream.StreamOf("sink", 0), new JournalPosition(1, after), new JournalPage([entry], position));
    }

    private static JournalCursor Open(JournalWindow window, long offset) =>
        (JournalCursor)new JournalQueueCache(window).TryGetCacheCursor(default, new JournalToken(new JournalPosition(1, offset))).Cursor!;

    private static List<long> Drain(JournalCursor cursor)
    {
        var ends = new List<long>();
        while (cursor.MoveNext())
            ends.Add(((JournalBatch)cursor.GetCurrent(out _)!).Through);
        return ends;
    }
}
