using Divolte.Frontend.Requests;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class HttpDateTests
{
    private static readonly DateTimeOffset Example = new(1994, 11, 6, 8, 49, 37, TimeSpan.Zero);

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT")] // not the day it was
    [InlineData("Sun, 6 Nov 1994 8:49:37 gmt")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 UTC")]
    [InlineData("Sun, 06 Nov 1994 09:49:37 +01:00")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT; length=1234")]
    public void FormThatHttpHas_IsADate(string text) => Assert.Equal(Example, HttpDate.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("Sun")]
    [InlineData("1994-11-06T08:49:37Z")]
    [InlineData("Sun, 06 Nov 1994 08:49:37")]
    [InlineData("Sun, 31 Nov 1994 08:49:37 GMT")]
    public void AnyOtherText_IsNone(string text) => Assert.Null(HttpDate.Parse(text));
}
