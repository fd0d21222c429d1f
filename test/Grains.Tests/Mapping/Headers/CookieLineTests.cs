using System.Text;
using Divolte.Grains.Mapping.Headers;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Headers;

public class CookieLineTests
{
    [Theory]
    [InlineData("a=1", "1")]
    [InlineData("b=2; a=1", "1")]
    [InlineData("a=1; a=2", "1")]
    [InlineData("a=b:c/d", "b")]
    [InlineData("a=b/c", "b/c")]
    [InlineData("a=x=y; b=2", "x")]
    [InlineData("a= 1", "")]
    [InlineData("a=", "")]
    [InlineData("a", null)]
    [InlineData("A=1", null)]
    [InlineData("a =1", null)]
    [InlineData("b; a=1", "1")]
    [InlineData("a=\"q;,\"; b=2", "q;,")]
    [InlineData("b=\"open; a=1", null)]
    [InlineData(";; a=1", "1")]
    [InlineData("ba=2", null)]
    public void Values(string line, string? expected)
    {
        var isFound = CookieLine.TryFind(Encoding.Latin1.GetBytes(line), "a"u8, out var value, out _);

        Assert.Equal(expected, isFound ? Encoding.Latin1.GetString(value) : null);
    }
}
