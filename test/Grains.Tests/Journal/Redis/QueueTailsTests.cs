using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Journal.Redis.Reading;
using Divolte.Grains.Journal.Redis.State;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Redis;

public sealed class QueueTailsTests
{
    private static readonly StoreIdentity Store = NewStore("one");

    [Fact]
    public void EntriesBehindAPosition_AreFoundInOrder()
    {
        var tails = new QueueTails(2, 1000);
        Add(tails, Store, 1, 0, 10, 20, 30);

        Assert.Equal([20, 30], Find(tails, Store, 1, 10));
        Assert.Equal([10], Find(tails, Store, 1, 0, bytesMax: 19));
        Assert.Equal([10], Find(tails, Store, 1, 0, bytesMax: 1)); // one at least
    }

    [Theory]
    [InlineData(0, 0)] // of another queue
    [InlineData(1, 5)] // within an entry
    [InlineData(1, 30)] // nothing behind it
    public void WhatIsNotThere_MustBeAskedForElsewhere(int queue, long after)
    {
        var tails = new QueueTails(2, 1000);
        Add(tails, Store, 1, 0, 10, 20, 30);

        Assert.Null(tails.Find(Store, queue, after, 1000));
    }

    [Fact]
    public void GapWhereAnotherHasAppended_EndsAPage()
    {
        var tails = new QueueTails(1, 1000);
        Add(tails, Store, 0, 0, 10, 20);
        Add(tails, Store, 0, 50, 60);

        Assert.Equal([10, 20], Find(tails, Store, 0, 0));
        Assert.Null(tails.Find(Store, 0, 20, 1000));
        Assert.Equal([60], Find(tails, Store, 0, 50));
    }

    [Fact]
    public void Bytes_AreBoundedAndTheOldestGoFirst()
    {
        const int ends = 100;
        var tails = new QueueTails(2, 100); // 50 bytes for each queue
        Add(tails, Store, 0, 0, [.. Enumerable.Range(1, ends).Select(number => 10L * number)]);

        Assert.Null(tails.Find(Store, 0, 940, 1000));
        Assert.Equal([960, 970, 980, 990, 1000], Find(tails, Store, 0, 950));
    }

    [Fact]
    public void EntryLargerThanTheBound_IsKeptUntilTheNext()
    {
        var tails = new QueueTails(1, 5);
        Add(tails, Store, 0, 0, 10);
        Assert.Equal([10], Find(tails, Store, 0, 0));

        Add(tails, Store, 0, 10, 20);

        Assert.Null(tails.Find(Store, 0, 0, 1000));
        Assert.Equal([20], Find(tails, Store, 0, 10));
    }

    [Fact]
    public void WhatTheStoreHasFreed_IsNotFound()
    {
        var tails = new QueueTails(1, 1000);
        Add(tails, Store, 0, 0, 10, 20, 30);

        tails.Trim(0, 20);

        Assert.Null(tails.Find(Store, 0, 0, 1000));
        Assert.Null(tails.Find(Store, 0, 10, 1000));
        Assert.Equal([30], Find(tails, Store, 0, 20));
    }

    [Fact]
    public void AnotherStore_KnowsNothingOfIt()
    {
        var (tails, other) = (new QueueTails(1, 1000), NewStore("two"));
        Add(tails, Store, 0, 0, 10);
        Assert.Null(tails.Find(other, 0, 0, 1000));

        Add(tails, other, 0, 10, 20);

        Assert.Null(tails.Find(Store, 0, 0, 1000));
        Assert.Null(tails.Find(other, 0, 0, 1000));
        Assert.Equal([20], Find(tails, other, 0, 10));
    }

    private static void Add(QueueTails tails, StoreIdentity store, int queue, long start, params long[] ends)
    {
        foreach (var end in ends)
        {
            tails.Add(store, queue, start, new JournalEntry(new JournalPosition(1, end), 0, DateTimeOffset.UnixEpoch, 1, new byte[end - start]));
            start = end;
        }
    }

    private static IEnumerable<long> Find(QueueTails tails, StoreIdentity store, int queue, long after, int bytesMax = 1000) =>
        tails.Find(store, queue, after, bytesMax)!.Select(entry => entry.Position.Offset);

    private static StoreIdentity NewStore(string life) => new(life, 1, "store", 1, new RedisServer(life, new Version(7, 0), true, "always", false, 0, 0, 0));
}
