using CsCheck;
using Divolte.Grains.Deduplication;
using Xunit;

namespace Divolte.Grains.Tests.Deduplication;

public sealed class KeyRingTests
{
    private const ulong Seed = 0x1234_5678_9ABC_DEF0;

    /// <summary>The inverse of the ring's multiplier: makes keys whose home is chosen by the test.</summary>
    private const ulong Inverse = 0xF1DE_83E1_9937_733D;

    [Fact]
    public void Inverse_IsTheInverse() => Assert.Equal(1ul, unchecked(Inverse * 0x9E37_79B9_7F4A_7C15));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void ManyKeysOfOneHome_AreFoundAndTakenOutInAnyOrder(int seed)
    {
        const int Count = 200;
        var random = new Random(seed);
        var ring = new KeyRing(256, Seed);
        var keys = Enumerable.Range(1, Count).Select(number => KeyOf(home: 0xFFFF_F000_0000_0000, number)).ToArray();
        foreach (var key in keys)
            ring.Add(key, 1);
        random.Shuffle(keys);

        for (var removed = 0; removed < Count; removed++)
        {
            Assert.All(keys[removed..], key => Assert.True(ring.TryFind(key, out _, out _, out _)));
            Assert.True(ring.TryFind(keys[removed], out var slot, out _, out _));
            ring.Remove(slot);
            Assert.All(keys[..(removed + 1)], key => Assert.False(ring.TryFind(key, out _, out _, out _)));
        }
        Assert.Equal(0, ring.Count);
    }

    /// <summary>Through all growth steps and around the ring, with homes close together so that runs meet, against a list.</summary>
    [Fact]
    public void AnyHistory_IsAsAListSays()
    {
        var step = Gen.Select(Gen.Int[0, 9], Gen.Int[1, 4000]);
        Gen.Select(Gen.Int[1, 1500], Gen.Bool, step.Array[1, 6000]).Sample(
            (capacity, isCrowded, steps) =>
            {
                var ring = new KeyRing(capacity, Seed);
                var list = new List<(ulong Key, uint Time)>();
                var clock = 0u;
                foreach (var (kind, number) in steps)
                {
                    var key = isCrowded ? KeyOf((ulong)(number % 8) << 60, number) : (ulong)number;
                    var index = list.FindIndex(entry => entry.Key == key);
                    var isFound = ring.TryFind(key, out var slot, out var time, out var rank);
                    Assert.Equal(index >= 0, isFound);
                    if (isFound)
                    {
                        Assert.Equal(list[index].Time, time);
                        Assert.Equal(list.Count - 1 - index, rank);
                    }
                    if (kind == 0 && isFound)
                    {
                        ring.Remove(slot);
                        list[index] = (0, list[index].Time);
                    }
                    else if (kind == 1 && list.Count > 0)
                    {
                        ring.RemoveOldest();
                        list.RemoveAt(0);
                    }
                    else if (!isFound)
                    {
                        ring.Add(key, ++clock);
                        if (list.Count == capacity)
                            list.RemoveAt(0);
                        list.Add((key, clock));
                    }
                    Assert.Equal(list.Count, ring.Length);
                }
                Assert.Equal(list.Count(entry => entry.Key != 0), ring.Count);
                Assert.Equal(list, Enumerable.Range(0, ring.Length).Select(ring.At));
            },
            iter: 60);
    }

    private static ulong KeyOf(ulong home, int number) => unchecked((home | (uint)number) * Inverse) ^ Seed;
}
