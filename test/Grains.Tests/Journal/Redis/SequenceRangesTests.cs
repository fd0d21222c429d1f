using Divolte.Grains.Journal.Redis.State;
using Xunit;

namespace Divolte.Grains.Tests.Journal.Redis;

public sealed class SequenceRangesTests
{
    [Fact]
    public void Ranges_HoldWhatASetWouldHold()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var (ranges, expected, settled) = (SequenceRanges.Empty, new SortedSet<long>(), 0L);
            for (var step = 0; step < 60; step++)
            {
                var sequence = random.Next(40);
                settled = Math.Max(settled, random.Next(4) == 0 ? random.Next(30) : 0);
                ranges = ranges.Add(sequence, settled, step);
                expected.Add(sequence);
                expected.RemoveWhere(one => one < settled);

                var redelivery = ranges.ToRedelivery(Guid.Empty);
                Assert.Equal(expected, redelivery.Appended);
                Assert.Equal(settled, redelivery.SettledBelow);
                Assert.All(ranges.Ranges.Zip(ranges.Ranges.Skip(1)), pair => Assert.True(pair.First.Last + 1 < pair.Second.First));
            }
        }
    }

    [Fact]
    public void StoredRanges_AreReadBack()
    {
        var ranges = SequenceRanges.Empty.Add(3, 2, 1).Add(4, 2, 1).Add(9, 2, 1);
        var stored = BitConverter.GetBytes(5L).Concat(ranges.ToBytes()).ToArray();

        var read = SequenceRanges.Parse(stored);

        Assert.Equal([3, 4, 9], read.ToRedelivery(Guid.Empty).Appended);
        Assert.Equal(2, read.SettledBelow);
        Assert.Equal(5, read.LastSeenMicroseconds);
        Assert.Throws<InvalidDataException>(() => SequenceRanges.Parse(stored.AsSpan(1)));
    }
}
