using CsCheck;
using Divolte.Grains.Interfaces.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon;

public class HoconDurationTests
{
    [Theory]
    [InlineData(1, "ns,nano,nanos,nanosecond,nanoseconds")]
    [InlineData(1_000, "us,micro,micros,microsecond,microseconds")]
    [InlineData(1_000_000, ",ms,milli,millis,millisecond,milliseconds")]
    [InlineData(1_000_000_000, "s,second,seconds")]
    [InlineData(60_000_000_000, "m,minute,minutes")]
    [InlineData(3_600_000_000_000, "h,hour,hours")]
    [InlineData(86_400_000_000_000, "d,day,days")]
    public void EverySpellingOfAUnit_IsRead(long nanoseconds, string spellings)
    {
        foreach (var unit in spellings.Split(','))
        {
            Assert.Null(HoconDuration.TryParse($" 700 {unit} ", out var spaced));
            Assert.Null(HoconDuration.TryParse($"700{unit}", out var joined));
            Assert.Equal(TimeSpan.FromTicks(nanoseconds * 7), spaced);
            Assert.Equal(spaced, joined);
        }
    }

    [Theory]
    [InlineData("1.5 hours", 5_400_000)]
    [InlineData("1e3 ms", 1_000)]
    [InlineData("+5 s", 5_000)]
    [InlineData("-5 s", -5_000)]
    [InlineData("750", 750)]
    [InlineData("0", 0)]
    [InlineData(".5 s", 500)]
    [InlineData("2200 ms", 2_200)]
    public void Numbers_MayHaveSignFractionAndExponent(string text, double milliseconds)
    {
        Assert.Null(HoconDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("weeks")]
    [InlineData("months")]
    [InlineData("years")]
    [InlineData("min")]
    [InlineData("mins")]
    [InlineData("sec")]
    [InlineData("hr")]
    [InlineData("hrs")]
    [InlineData("Days")]
    [InlineData("MS")]
    public void UnknownUnit_IsNamedWithSuggestions(string unit)
    {
        var error = HoconDuration.TryParse($"5 {unit}", out _);

        Assert.Contains($"'{unit}'", error, StringComparison.Ordinal);
        Assert.Contains("ns, us, ms, s, m, h, d", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "''")]
    [InlineData("   ", "'   '")]
    [InlineData("minutes", "'minutes'")]
    [InlineData("1 000 ms", "'1 000'")]
    [InlineData("1..5 s", "'1..5'")]
    [InlineData("1_000", "'1_000'")]
    [InlineData("1,5 s", "'1,5'")]
    public void TextWithoutANumber_IsAnErrorThatQuotesIt(string text, string quoted) =>
        Assert.Contains(quoted, HoconDuration.TryParse(text, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("99999999999999999999 d")]
    [InlineData("9223372036854775807 d")]
    [InlineData("1e300 d")]
    public void WhatDoesNotFit_IsTheLongestDuration(string text)
    {
        Assert.Null(HoconDuration.TryParse(text, out var duration));
        Assert.InRange(duration.TotalDays / 365.25, 292, 293);
    }

    [Theory]
    [InlineData("9007199254740993 us", 90071992547409930)]
    [InlineData("+9007199254740993us", 90071992547409930)]
    [InlineData("-51568510412745300 nanoseconds", -515685104127453)]
    public void WholeNumbers_AreExact(string text, long ticks)
    {
        Assert.Null(HoconDuration.TryParse(text, out var duration));
        Assert.Equal(ticks, duration.Ticks);
    }

    [Fact]
    public void FormattedDuration_ReadsBackTheSame() =>
        Gen.OneOf(Gen.Long[-92233720368547758, 92233720368547758], Gen.Int[0, 400].Select(n => n * TimeSpan.TicksPerMinute)).Sample(ticks =>
            HoconDuration.TryParse(HoconDuration.Format(new TimeSpan(ticks)), out var read) is null && read.Ticks == ticks);

    [Theory]
    [InlineData(0, "0 seconds")]
    [InlineData(750, "750 milliseconds")]
    [InlineData(1_000, "1 second")]
    [InlineData(1_800_000, "30 minutes")]
    [InlineData(63_072_000_000, "730 days")]
    public void Format_TakesTheLargestUnitThatFits(double milliseconds, string text) =>
        Assert.Equal(text, HoconDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void AnyText_EitherReadsOrGivesAReason() =>
        Gen.String[Gen.Char["0123456789.+-eE smhdnu\u00A0xyz'"], 0, 60].Sample(text =>
        {
            var error = HoconDuration.TryParse(text, out var duration);
            return error is null || duration == default;
        });
}
