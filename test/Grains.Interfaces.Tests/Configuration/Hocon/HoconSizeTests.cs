using System.Numerics;
using CsCheck;
using Divolte.Grains.Interfaces.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon;

public class HoconSizeTests
{
    [Theory]
    [InlineData("B b byte bytes", 1, 0)]
    [InlineData("kB kilobyte kilobytes", 1000, 1)]
    [InlineData("MB megabyte megabytes", 1000, 2)]
    [InlineData("GB gigabyte gigabytes", 1000, 3)]
    [InlineData("TB terabyte terabytes", 1000, 4)]
    [InlineData("PB", 1000, 5)]
    [InlineData("EB", 1000, 6)]
    [InlineData("ZB", 1000, 7)]
    [InlineData("YB", 1000, 8)]
    [InlineData("K k Ki KiB kibibyte kibibytes", 1024, 1)]
    [InlineData("M m Mi MiB mebibyte mebibytes", 1024, 2)]
    [InlineData("G g Gi GiB gibibyte gibibytes", 1024, 3)]
    [InlineData("T t Ti TiB tebibyte tebibytes", 1024, 4)]
    [InlineData("P Pi PiB", 1024, 5)]
    [InlineData("E Ei EiB", 1024, 6)]
    [InlineData("Z Zi ZiB", 1024, 7)]
    [InlineData("Y Yi YiB", 1024, 8)]
    public void EverySpellingOfAUnit_IsRead(string spellings, int factor, int power)
    {
        foreach (var unit in spellings.Split(' '))
        {
            Assert.True(HoconSize.TryParse($"3 {unit}", out var spaced), unit);
            Assert.True(HoconSize.TryParse($"3{unit}", out var joined), unit);
            Assert.Equal(3 * BigInteger.Pow(factor, power), spaced);
            Assert.Equal(spaced, joined);
        }
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("1.5 K", 1536)]
    [InlineData("0.3 kB", 300)]
    [InlineData("-1 K", -1024)]
    public void Numbers_MayHaveSignAndFraction(string text, long size)
    {
        Assert.True(HoconSize.TryParse(text, out var parsed));
        Assert.Equal(size, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("10 KB")]
    [InlineData("10 kb")]
    [InlineData("10 kiB")]
    [InlineData("1 0 K")]
    [InlineData("ten")]
    [InlineData("0x10")]
    public void AnythingElse_IsRefused(string text) => Assert.False(HoconSize.TryParse(text, out _));

    [Fact]
    public void FormattedSize_ReadsBackTheSame() =>
        Gen.OneOf(Gen.Long[0, long.MaxValue], Gen.Long[0, 4000].Select(n => n << 20)).Sample(size =>
            HoconSize.TryParse(HoconSize.Format(size), out var read) && read == size);

    [Fact]
    public void AnyText_IsReadOrRefused() =>
        Gen.String[Gen.Char["0123456789.+-eE kKMGiB\u00A0x'"], 0, 80].Sample(text => HoconSize.TryParse(text, out _) || true);
}
