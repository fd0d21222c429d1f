using System.Text;
using CsCheck;
using Divolte.Grains.Mapping.Json;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Json;

public class JavaNumberTests
{
    [Theory]
    [InlineData(1.5, "1.5")]
    [InlineData(100.0, "100.0")]
    [InlineData(1e10, "1.0E10")]
    [InlineData(1e-5, "1.0E-5")]
    [InlineData(0.001, "0.001")]
    [InlineData(9999999.0, "9999999.0")]
    [InlineData(1e7, "1.0E7")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(0.1, "0.1")]
    [InlineData(123456.789, "123456.789")]
    [InlineData(2e23, "1.9999999999999998E23")]
    [InlineData(4.9e-324, "4.9E-324")]
    [InlineData(double.MaxValue, "1.7976931348623157E308")]
    [InlineData(2.2250738585072014e-308, "2.2250738585072014E-308")]
    [InlineData(9.223372036854774784e18, "9.2233720368547748E18")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(double.NaN, "NaN")]
    public void Doubles_PrintAsInJava(double value, string expected) => Assert.Equal(expected, Print(value));

    [Fact]
    public void PrintedDoubles_ReadBackUnchanged() => Gen.Double.Sample(value =>
    {
        if (double.IsFinite(value))
            Assert.Equal(value, double.Parse(Print(value), System.Globalization.CultureInfo.InvariantCulture));
    });

    [Theory]
    [InlineData("12", 12.0)]
    [InlineData("1.", 1.0)]
    [InlineData(".5", 0.5)]
    [InlineData("+1.5e-3", 0.0015)]
    [InlineData("-2d", -2.0)]
    [InlineData("3F", 3.0)]
    [InlineData("0x1.8p3", 12.0)]
    [InlineData("0x1p-1074", 4.9e-324)]
    [InlineData("0x0.8p0f", 0.5)]
    [InlineData("1e400", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("NaN", double.NaN)]
    public void Texts_ReadAsInJava(string text, double expected)
    {
        Assert.True(JavaNumber.TryParse(Encoding.ASCII.GetBytes(text), out double value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("e5")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("++1")]
    [InlineData("1,5")]
    [InlineData("0x1.8")]
    [InlineData("0xp3")]
    [InlineData("nan")]
    [InlineData("1dd")]
    public void OtherTexts_AreNoNumbers(string text) => Assert.False(JavaNumber.TryParse(Encoding.ASCII.GetBytes(text), out double _));

    [Fact]
    public void Floats_AreRoundedOnce()
    {
        // Rounded to double first, this lies exactly between two floats and goes the wrong way.
        Assert.True(JavaNumber.TryParse("1.00000005960464477539062500000001"u8, out float value));
        Assert.Equal(1.0000001f, value);
    }

    private static string Print(double value)
    {
        Span<byte> target = stackalloc byte[40];
        return Encoding.ASCII.GetString(target[..JavaNumber.Print(value, target)]);
    }
}
