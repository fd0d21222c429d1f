using System.Globalization;
using System.Text;
using CsCheck;
using Divolte.Frontend.Json;
using Xunit;

namespace Divolte.Frontend.Tests.Json;

public sealed class IsoTimestampTests
{
    [Theory]
    [InlineData("2016-06-01T18:54:16.123Z", 1464807256123)]
    [InlineData("2016-06-01T18:54Z", 1464807240000)]
    [InlineData("2016-06-01t18:54:16z", 1464807256000)]
    [InlineData("2016-06-01T18:54:16.Z", 1464807256000)]
    [InlineData("2016-06-01T18:54:16.5Z", 1464807256500)]
    [InlineData("2016-06-01T18:54:16.123456789Z", 1464807256123)]
    [InlineData("2016-06-01T18:54:16.123+02:00", 1464800056123)]
    [InlineData("2016-06-01T18:54:16+02:00:30", 1464800026000)]
    [InlineData("2016-06-01T18:54:16+02", 1464800056000)]
    [InlineData("2016-06-01T18:54:16-00:00", 1464807256000)]
    [InlineData("2016-06-01T18:54:16+18:00", 1464742456000)]
    [InlineData("2016-06-01T18:54:16-18:00", 1464872056000)]
    [InlineData("2016-02-29T00:00:00Z", 1456704000000)]
    [InlineData("0000-01-01T00:00:00Z", -62167219200000)]
    [InlineData("1969-12-31T23:59:59.999Z", -1)]
    [InlineData("1969-12-31T23:59:59.9999Z", -1)]
    [InlineData("-0001-01-01T00:00:00Z", -62198755200000)]
    [InlineData("+10000-01-01T00:00:00Z", 253402300800000)]
    public void Time_IsRead(string text, long expected)
    {
        Assert.True(IsoTimestamp.TryParse(Encoding.UTF8.GetBytes(text), out var milliseconds));
        Assert.Equal(expected, milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("2016-06-01")]
    [InlineData("2016-06-01T18:54:16")]
    [InlineData("2016-06-01 18:54:16Z")]
    [InlineData("2016-06-01T18:54:16.1234567891Z")]
    [InlineData("2016-06-01T18:54.5Z")]
    [InlineData("2016-06-01T18Z")]
    [InlineData("2016-06-01T18:54:16+0200")]
    [InlineData("2016-06-01T18:54:16+2:00")]
    [InlineData("2016-06-01T18:54:16+18:01")]
    [InlineData("2016-06-01T18:54:16+18:00:01")]
    [InlineData("2016-06-01T18:54:16+19:00")]
    [InlineData("2016-06-01T18:54:16+02:60")]
    [InlineData("2016-06-01T18:54:16+02:")]
    [InlineData("2016-06-01T18:54:16GMT")]
    [InlineData("2016-06-01T18:54:16Z ")]
    [InlineData(" 2016-06-01T18:54:16Z")]
    [InlineData("2016-06-01T24:00:00Z")]
    [InlineData("2016-06-01T18:60:00Z")]
    [InlineData("2016-06-01T18:54:60Z")]
    [InlineData("2016-02-30T00:00:00Z")]
    [InlineData("2015-02-29T00:00:00Z")]
    [InlineData("1900-02-29T00:00:00Z")]
    [InlineData("2016-04-31T00:00:00Z")]
    [InlineData("2016-13-01T00:00:00Z")]
    [InlineData("2016-00-01T00:00:00Z")]
    [InlineData("2016-6-01T18:54:16Z")]
    [InlineData("999-01-01T00:00:00Z")]
    [InlineData("10000-01-01T00:00:00Z")]
    [InlineData("+2016-01-01T00:00:00Z")]
    [InlineData("-0000-01-01T00:00:00Z")]
    [InlineData("-999999999-01-01T00:00:00Z")]
    [InlineData("+292278995-01-01T00:00:00Z")]
    [InlineData("+12345678901-01-01T00:00:00Z")]
    [InlineData("\u0662016-06-01T18:54:16Z")]
    [InlineData("2016-06-01T18:54:16\u221205:00")]
    public void OtherText_IsNoTime(string text) => Assert.False(IsoTimestamp.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void AnyInstant_IsReadAsTheFrameworkDoes() => Gen.DateTimeOffset.Sample(instant =>
    {
        var text = instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);
        return IsoTimestamp.TryParse(Encoding.ASCII.GetBytes(text), out var milliseconds) && milliseconds == instant.ToUnixTimeMilliseconds();
    });
}
