using System.Text;
using CsCheck;
using Divolte.Frontend.Browser;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Identity;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class BrowserEventChecksumTests
{
    [Fact]
    public void RecordedVectors_HaveTheirHashAndChecksum()
    {
        var differences = new List<string>();
        var count = 0;
        foreach (var vector in GoldenFiles.Read("checksum.jsonl"))
        {
            count++;
            var query = Decode(vector.GetProperty("query").GetString()!);
            var hash = BrowserEventChecksum.Compute(query);
            var checksum = Render(hash);
            if (hash != vector.GetProperty("hash").GetInt32() || checksum != vector.GetProperty("checksum").GetString())
                differences.Add($"{vector.GetProperty("name")}: {hash} {checksum}");
        }

        Assert.Empty(differences);
        Assert.Equal(75, count);
    }

    [Theory]
    [InlineData("p=0%3Ai1t84hgy%3A5AF359Zjq5kUy98u4wQjlIZzWGhN~GlG&s=0%3Ai1t84hgy%3A95CbiPCYln_1e0a6rFvuRkDkeNnc6KC8&v=0%3A1fF6GFGjDOQiEx_OxnTm_tl4BH91eGLF&e=0%3A1fF6GFGjDOQiEx_OxnTm_tl4BH91eGLF0&c=i1t8q2b6&n=f&f=f&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=2&w=uq&h=qd&t=pageView", "si9804")]
    [InlineData("p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId&c=i1t8q2b6&n=f&f=f&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=2&w=uq&h=qd&t=%E1%BB%A5%C3%B1%E2%9A%95%C2%A9%C2%BA%E1%B8%8C%E2%84%A8", "-ql2p2c")]
    [InlineData("p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId&c=i1t8q2b6&n=f&f=f&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=2&w=uq&h=qd&t=sentinelEvent", "-y99lem")]
    [InlineData("p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId1&c=i1t8q2b6&n=f&f=f&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=1.i&w=uq&h=qd&t=custom&u=(sfoo!b~!r!da!16!)", "fn3dfo")]
    [InlineData("p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId2&c=i1t8q2b6&n=t&f=f", "-rwe8mu")]
    [InlineData("p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId3&c=i1t8q2b6&n=t&f=f&t=a+b%2Bc&t=second&utm=&Z=1", "-k5djy1")]
    [InlineData("p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId4&c=i1t8q2b6&n=f&f=f&t=%F0%9F%98%80", "-4s8g10")]
    [InlineData("p=0%3Amwsajisp%3AFOC24W5IPNvBet2hKbNfNtwgElBPblCG&s=0%3Amwsajisp%3AZdaZlwE4tAp9BaA3JA_UAQQZ~uiOrFJB&v=0%3AtYGOTJ8VHTUfQxszUBeOhPfAfIFb1O4n&e=0%3AtYGOTJ8VHTUfQxszUBeOhPfAfIFb1O4n0&c=mwsajisu&n=t&f=t&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=2&w=z1&h=qh&t=pageView", "-72ii4r")]
    [InlineData("p=0%3Amwsajith%3AvGV5sql7dnHjBd67wEDlADOTiZakIPNW&s=0%3Amwsajith%3Af3fXbUfH8H4GmUFzWfAQ3jqXiCrZeVcI&v=0%3A54f1O5ZO7SeZErbkhcaWhcbj5_rLHXR1&e=0%3A54f1O5ZO7SeZErbkhcaWhcbj5_rLHXR11&c=mwsajitn&n=f&f=f&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=2&w=z1&h=qh&t=custom&u=(da!1!)", "-g0mor9")]
    public void WorkedExamples_AreRight(string query, string checksum) => Assert.True(BrowserEventChecksum.IsRight(Decode(query + "&x=" + checksum)));

    [Theory]
    [InlineData("&x=si9805")]
    [InlineData("&x")]
    [InlineData("&x=")]
    [InlineData("")]
    [InlineData("&x=bad!")]
    [InlineData("&x=si9805&x=si9804")]
    [InlineData("&x=zzzzzzzzzzzzzzzz")]
    public void OtherChecksum_IsWrong(string checksum) => Assert.False(BrowserEventChecksum.IsRight(Decode("a=1" + checksum)));

    [Theory]
    [InlineData("+")]
    [InlineData("0")]
    [InlineData("000")]
    public void SameNumberWrittenOtherwise_IsRight(string prefix)
    {
        var query = Enumerable.Range(0, 100).Select(number => $"a={number}").First(text => BrowserEventChecksum.Compute(Decode(text)) > 0);
        var checksum = Render(BrowserEventChecksum.Compute(Decode(query))).ToUpperInvariant();

        Assert.True(BrowserEventChecksum.IsRight(Decode($"{query}&x={Uri.EscapeDataString(prefix)}{checksum}")));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1009084850)]
    [InlineData("ab", -1681926305)]
    [InlineData("abc", -1277324294)]
    [InlineData("abcd", 1139631978)]
    [InlineData("hello", 613153351)]
    [InlineData("hello, world", 345750399)]
    [InlineData("\U0001F4B0", -1486360756)]
    public void Hash_IsMurmurWithSeedZero(string text, int hash) => Assert.Equal(hash, MurmurHash3.Hash32(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void NamesSort_AsUtf16UnitsDo() =>
        Gen.Select(Names, Names).Sample((left, right) =>
            Math.Sign(BrowserEventChecksum.CompareAsUtf16(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right)))
            == Math.Sign(string.CompareOrdinal(left, right)));

    [Fact]
    public void ManyParameters_HashAsFewDo()
    {
        var names = Enumerable.Range(0, 300).Select(number => $"q{number}").ToList();
        var forwards = Decode(string.Join('&', names));
        var hash = BrowserEventChecksum.Compute(forwards);
        names.Reverse();

        Assert.Equal(hash, BrowserEventChecksum.Compute(Decode(string.Join('&', names))));
    }

    private static readonly string[] Characters = ["a", "Z", "\u00e9", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff"];

    private static Gen<string> Names { get; } = Gen.Int[0, Characters.Length - 1].Select(index => Characters[index]).Array[0, 4].Select(string.Concat);

    private static string Render(int hash)
    {
        Span<byte> rendered = stackalloc byte[Base36.LengthMax];
        return Encoding.ASCII.GetString(rendered[..Base36.Format(hash, rendered)]);
    }

    private static QueryParameters Decode(string query)
    {
        var parameters = new QueryParameters();
        Assert.True(parameters.TryDecode(query));
        return parameters;
    }
}
