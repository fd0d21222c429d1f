using Divolte.Grains.Journal.Marks;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Marks;

public sealed class MarksRetentionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly MarksRetention _retention = new(TimeSpan.FromMinutes(10), memorySize: 100, capacity: 1000);

    [Fact]
    public void MarksWithinTheWindow_AreWanted() => Assert.Equal(0, _retention.CountUnwanted([File(0, 500, 10), File(1, 400, 5)], 0, Now));

    [Fact]
    public void MarksWithinTheMemorySize_AreWantedAtAnyAge() => Assert.Equal(0, _retention.CountUnwanted([File(0, 50, 600), File(1, 99, 500)], 0, Now));

    [Fact]
    public void OldMarksBehindAFullMemory_AreUnwanted() => Assert.Equal(1, _retention.CountUnwanted([File(0, 50, 600), File(1, 60, 500)], 40, Now));

    [Fact]
    public void MarksBeyondTheCapacity_AreUnwantedAtAnyAge() => Assert.Equal(2, _retention.CountUnwanted([File(0, 1, 0), File(1, 10, 0), File(2, 600, 0)], 400, Now));

    [Fact]
    public void NoFiles_NeedNoAnswer() => Assert.Equal(0, _retention.CountUnwanted([], 0, Now));

    private static MarksFile File(long start, int marks, int minutesAgo) => new(start, $"{start}", marks, (Now - TimeSpan.FromMinutes(minutesAgo)).UtcTicks, 0);
}
