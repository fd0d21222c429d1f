using Divolte.Grains.Sinks.Files;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Grains.Tests.Sinks.Files;

public sealed class WriterThreadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void WorkIsDoneInOrderOnOneThread()
    {
        var seen = new List<(int Number, int Thread)>();
        using (var thread = new WriterThread("test", _time, () => { }))
        {
            for (var number = 0; number < 100; number++)
            {
                var posted = number;
                Assert.True(thread.Post(() => seen.Add((posted, Environment.CurrentManagedThreadId))));
            }
        }

        Assert.Equal(Enumerable.Range(0, 100), seen.Select(entry => entry.Number));
        Assert.Single(seen.Select(entry => entry.Thread).Distinct());
    }

    [Fact]
    public void Dispose_DoesWhatWasPostedAndTakesNothingMore()
    {
        using var hold = new ManualResetEventSlim();
        var isDone = false;
        var thread = new WriterThread("test", _time, () => { });
        thread.Post(() => hold.Wait(Patience));
        thread.Post(() => isDone = true);
        hold.Set();

        thread.Dispose();

        Assert.True(isDone);
        Assert.False(thread.Post(() => { }));
    }

    [Fact]
    public async Task Wish_IsATickWhenItsTimeComes()
    {
        var ticked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var thread = new WriterThread("test", _time, ticked.SetResult);
        thread.WakeIn(TimeSpan.FromSeconds(5));

        _time.Advance(TimeSpan.FromSeconds(4));
        await Posted(thread);
        Assert.False(ticked.Task.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        await ticked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task LaterWish_ReplacesTheEarlier()
    {
        var ticks = 0;
        using var thread = new WriterThread("test", _time, () => ticks++);
        thread.WakeIn(TimeSpan.FromSeconds(1));
        thread.WakeIn(TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromSeconds(9));
        await Posted(thread);
        Assert.Equal(0, ticks);

        _time.Advance(TimeSpan.FromSeconds(1));
        await Posted(thread);
        Assert.Equal(1, ticks);
    }

    [Fact]
    public async Task TicksThatPileUpBehindWork_AreOne()
    {
        var ticks = 0;
        using var hold = new ManualResetEventSlim();
        using var thread = new WriterThread("test", _time, () => ticks++);
        thread.Post(() => hold.Wait(Patience));
        for (var wish = 0; wish < 5; wish++)
        {
            thread.WakeIn(TimeSpan.FromSeconds(1));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        hold.Set();
        await Posted(thread);

        Assert.Equal(1, ticks);
    }

    /// <summary>Ends when everything posted before has run.</summary>
    private static Task Posted(WriterThread thread)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        thread.Post(done.SetResult);
        return done.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }
}
