using System.Text;
using CsCheck;
using Divolte.Grains.Interfaces.Identity;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Identity;

public sealed class Base36Tests
{
    [Theory]
    [InlineData("16", 42)]
    [InlineData("1ak", 1676)]
    [InlineData("i1t8q2b6", 1414499908146)]
    [InlineData("-16", -42)]
    [InlineData("+16", 42)]
    [InlineData("000016", 42)]
    [InlineData("ZZ", 1295)]
    [InlineData("-0", 0)]
    [InlineData("1y2p0ij32e8e7", long.MaxValue)]
    [InlineData("-1y2p0ij32e8e8", long.MinValue)]
    [InlineData("\u0661\u0662", 38)]
    [InlineData("\uff21\uff5a", 395)]
    public void Number_IsRead(string text, long expected)
    {
        Assert.True(Base36.TryParse(Encoding.UTF8.GetBytes(text), out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+")]
    [InlineData("--1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.i")]
    [InlineData("1_5")]
    [InlineData("1y2p0ij32e8e8")]
    [InlineData("-1y2p0ij32e8e9")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("\U0001d7d8")]
    public void OtherText_IsNoNumber(string text) => Assert.False(Base36.TryParse(Encoding.UTF8.GetBytes(text), out long _));

    [Theory]
    [InlineData("zik0zj", true)]
    [InlineData("zik0zk", false)]
    [InlineData("-zik0zk", true)]
    [InlineData("-zik0zl", false)]
    public void ThirtyTwoBits_HaveTheirRange(string text, bool fits) => Assert.Equal(fits, Base36.TryParse(Encoding.UTF8.GetBytes(text), out int _));

    [Fact]
    public void WhatIsWritten_IsReadBack() => Gen.Long.Sample(value =>
    {
        Span<byte> text = stackalloc byte[Base36.LengthMax];
        return Base36.TryParse(text[..Base36.Format(value, text)], out long read) && read == value;
    });
}
