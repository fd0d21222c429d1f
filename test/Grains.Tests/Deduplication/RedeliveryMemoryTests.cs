using Divolte.Grains.Deduplication;
using Divolte.Grains.Journal;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

public sealed class RedeliveryMemoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    private readonly RedeliveryMemory _memory = new(Kept);

    [Fact]
    public void AppendedPart_IsWritten_OthersAreNew()
    {
        _memory.Add(APart.FrontendA, 3, 1, Start);

        Assert.Equal(PartSight.Written, _memory.See(APart.FrontendA, 3, 1));
        Assert.Equal(PartSight.New, _memory.See(APart.FrontendA, 2, 1));
        Assert.Equal(PartSight.New, _memory.See(APart.FrontendB, 3, 1));
    }

    [Fact]
    public void SettledPart_IsSettled_AndTheWordOfAnOlderPartTakesNothingBack()
    {
        _memory.Add(APart.FrontendA, 1, 1, Start);
        _memory.Add(APart.FrontendA, 5, 5, Start);

        Assert.Equal(PartSight.Settled, _memory.See(APart.FrontendA, 1, 1));
        Assert.Equal(PartSight.Settled, _memory.See(APart.FrontendA, 4, 2));
        Assert.Equal(PartSight.Written, _memory.See(APart.FrontendA, 5, 5));
        Assert.Equal([5], _memory.ToList().Single().Appended);
    }

    [Fact]
    public void SilentFrontend_IsForgotten()
    {
        _memory.Add(APart.FrontendA, 1, 1, Start);
        _memory.Add(APart.FrontendB, 1, 1, Start + Kept);

        _memory.Expire(Start + Kept + TimeSpan.FromSeconds(1));

        Assert.Equal(PartSight.New, _memory.See(APart.FrontendA, 1, 1));
        Assert.Equal(PartSight.Written, _memory.See(APart.FrontendB, 1, 1));
    }

    [Fact]
    public void Frontends_AreBounded_TheMostSilentGoes()
    {
        for (var number = 0; number <= RedeliveryMemory.FrontendsMax; number++)
            _memory.Add(new Guid(number, 0, 0, new byte[8]), 1, 1, Start + TimeSpan.FromMilliseconds(number));

        Assert.Equal(RedeliveryMemory.FrontendsMax, _memory.FrontendCount);
        Assert.Equal(PartSight.New, _memory.See(new Guid(0, 0, 0, new byte[8]), 1, 1));
        Assert.Equal(PartSight.Written, _memory.See(new Guid(1, 0, 0, new byte[8]), 1, 1));
    }

    [Fact]
    public void Restored_AddsUp()
    {
        _memory.Add(APart.FrontendA, 7, 5, Start);

        _memory.Restore(new FrontendRedelivery(APart.FrontendA, 6, [6, 9], Start));

        Assert.Equal(PartSight.Settled, _memory.See(APart.FrontendA, 5, 5));
        Assert.All(new long[] { 6, 7, 9 }, sequence => Assert.Equal(PartSight.Written, _memory.See(APart.FrontendA, sequence, 5)));
    }
}
