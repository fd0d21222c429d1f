using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Divolte.Grains.Geo;
using Xunit;

namespace Divolte.Grains.Tests.Geo;

public class AddressTextTests
{
    [Theory]
    [InlineData("81.2.69.142", "81.2.69.142")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("::ffff:81.2.69.142", "81.2.69.142")]
    [InlineData("::FFFF:5102:458e", "81.2.69.142")]
    [InlineData("::", "::")]
    [InlineData("::81.2.69.142", "::81.2.69.142")]
    [InlineData("2001:218::1", "2001:218::1")]
    [InlineData("2A02:D0C0::5", "2a02:d0c0::5")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304")]
    public void Address_IsRead(string text, string address) => Assert.Equal(IPAddress.Parse(address), Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("81.2.69")]
    [InlineData("81.2.69.142.1")]
    [InlineData("081.2.69.142")]
    [InlineData("81.2.69.256")]
    [InlineData("81.2.69.-1")]
    [InlineData("81.2.69.142:80")]
    [InlineData(" 81.2.69.142")]
    [InlineData("0x51.2.69.142")]
    [InlineData("1361200526")]
    [InlineData("[::1]")]
    [InlineData("2001:218::1%eth0")]
    [InlineData("2001:218::g")]
    [InlineData("1::2::3")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("::1.2.3")]
    [InlineData("1.2.3.4::")]
    [InlineData("12345::")]
    [InlineData("localhost")]
    public void AnythingElse_IsNone(string text) => Assert.Null(Read(text));

    [Fact]
    public void EveryAddress_IsReadAsDotNetReadsIt()
    {
        Gen.Byte.Array[4].Sample(bytes => Assert.Equal(new IPAddress(bytes), Read(new IPAddress(bytes).ToString())));
        Gen.Byte.Array[16].Sample(bytes => Assert.Equal(Unmapped(new IPAddress(bytes)), Read(new IPAddress(bytes).ToString())));
    }

    [Fact]
    public void TextThatLooksLikeIpv6_IsReadAsDotNetReadsIt() =>
        Gen.Char["::::0123abF."].Array[1, 24].Select(letters => new string(letters)).Sample(
            text =>
            {
                var known = IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? Unmapped(address) : null;
                // Upstream takes leading zeros of any number, .NET four digits at most.
                if (text.Contains(':', StringComparison.Ordinal) && text.Split(':', '.').All(group => group.Length <= 4))
                    Assert.Equal(known, Read(text));
            },
            iter: 200_000);

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static IPAddress? Read(string text)
    {
        Span<byte> address = stackalloc byte[16];
        var length = AddressText.Read(Encoding.UTF8.GetBytes(text), address);
        return length == 0 ? null : new IPAddress(address[..length]);
    }
}
