using System.Text;
using Divolte.Grains.UserAgents;
using Xunit;

namespace Divolte.Grains.Tests.UserAgents;

public sealed class UserAgentCacheTests
{
    [Fact]
    public void RememberedHeader_GivesItsAnswer()
    {
        var cache = new UserAgentCache<string>(entriesMax: 100, seed: 1);
        cache.Add("one"u8, "1");
        cache.Add("two"u8, "2");

        Assert.Equal(("1", "2", null), (cache.Find("one"u8), cache.Find("two"u8), cache.Find("three"u8)));
    }

    [Fact]
    public void SameHeaderTwice_KeepsTheLastAnswer()
    {
        var cache = new UserAgentCache<string>(entriesMax: 8, seed: 1);
        cache.Add("one"u8, "1");
        cache.Add("one"u8, "2");

        Assert.Equal(("2", 3), (cache.Find("one"u8), cache.Bytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void MoreHeadersThanEntries_StayWithinTheBound(int entriesMax)
    {
        var cache = new UserAgentCache<string>(entriesMax, seed: 1);
        for (var number = 0; number < 5_000; number++)
            cache.Add(Header(number), "x");

        var remembered = Enumerable.Range(0, 5_000).Count(number => cache.Find(Header(number)) is not null);

        Assert.InRange(remembered, entriesMax - entriesMax / 4, entriesMax);
    }

    [Fact]
    public void LongHeaders_StayWithinTheBoundOfBytes()
    {
        var cache = new UserAgentCache<string>(entriesMax: 100_000, seed: 1);
        var header = new byte[1024];
        for (var number = 0; number < 40_000; number++)
        {
            BitConverter.TryWriteBytes(header, number);
            cache.Add(header, "x");
        }

        Assert.InRange(cache.Bytes, UserAgentCache<string>.BytesMax - 2048, UserAgentCache<string>.BytesMax);
    }

    [Fact]
    public void HeaderInUse_SurvivesAFloodOfOthers()
    {
        var cache = new UserAgentCache<string>(entriesMax: 64, seed: 1);
        cache.Add("steady"u8, "x");
        for (var number = 0; number < 10_000; number++)
        {
            cache.Add(Header(number), "y");
            Assert.NotNull(cache.Find("steady"u8));
        }
    }

    [Fact]
    public void Uses_AreTakenOnce()
    {
        var cache = new UserAgentCache<string>(entriesMax: 8, seed: 1);
        cache.Add("one"u8, "1");
        cache.Find("one"u8);
        cache.Find("one"u8);

        Assert.Equal(["one 3"], Taken(cache));
        Assert.Empty(Taken(cache));
    }

    [Fact]
    public void RememberedHeader_AllocatesNothing()
    {
        var cache = new UserAgentCache<string>(entriesMax: 8, seed: 1);
        cache.Add("one"u8, "1");
        cache.Find("one"u8);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 1000; number++)
            cache.Find("one"u8);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void ManyThreads_NeverGetTheAnswerOfAnother()
    {
        var cache = new UserAgentCache<string>(entriesMax: 32, seed: 1);

        Parallel.For(0, 8, thread =>
        {
            for (var round = 0; round < 5_000; round++)
            {
                var number = (round * 7 + thread) % 100;
                if (cache.Find(Header(number)) is { } answer)
                    Assert.Equal(number.ToString(System.Globalization.CultureInfo.InvariantCulture), answer);
                else
                    cache.Add(Header(number), number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        });
    }

    private static byte[] Header(int number) => Encoding.ASCII.GetBytes($"agent/{number}");

    private static List<string> Taken(UserAgentCache<string> cache)
    {
        var uses = new List<string>();
        cache.TakeUses((header, _, count) => uses.Add($"{Encoding.ASCII.GetString(header)} {count}"));
        return uses;
    }
}
