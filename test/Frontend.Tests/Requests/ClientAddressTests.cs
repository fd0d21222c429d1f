using System.Net;
using System.Text;
using Divolte.Frontend.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "0:0:0:0:0:0:0:1")]
    [InlineData("2001:db8::1", "2001:db8:0:0:0:0:0:1")]
    [InlineData("::ffff:1.2.3.4", "1.2.3.4")]
    [InlineData("fe80::1%1", "fe80:0:0:0:0:0:0:1%1")]
    public void Peer_IsWrittenInFull(string peer, string expected) => Assert.Equal(expected, AddressOf(IPAddress.Parse(peer), useForwardedFor: false));

    [Theory]
    [InlineData("127.0.0.1,192.168.13.23", "192.168.13.23")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1, 192.168.13.23", "192.168.13.23")]
    [InlineData("127.0.0.1, 8.8.8.8|192.168.13.23", "192.168.13.23")]
    [InlineData("[2001:db8::1]", "2001:db8:0:0:0:0:0:1")]
    [InlineData("2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1:0:0:0")]
    [InlineData("fe80::1%1", "fe80:0:0:0:0:0:0:1%1")]
    [InlineData("::ffff:1.2.3.4", "1.2.3.4")]
    [InlineData("010.001.002.003", "10.1.2.3")]
    [InlineData("::ffff:01.2.3.4", "1.2.3.4")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b:0:0:0:0:c000:221")]
    [InlineData("00001::000f01", "1:0:0:0:0:0:0:f01")]
    [InlineData("1::00000", "1:0:0:0:0:0:0:0")]
    [InlineData("00000000001.23", "1.0.0.23")]
    [InlineData("10.3", "10.0.0.3")]
    [InlineData("10.1.515", "10.1.2.3")]
    [InlineData("1", "0.0.0.1")]
    [InlineData("4294967295", "255.255.255.255")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    public void ForwardedLiteral_ReplacesThePeer(string headers, string expected) => Assert.Equal(expected, ForwardedBy(headers));

    [Theory]
    [InlineData("10.1.2.3:8080")]
    [InlineData("[2001:db8::1]:443")]
    [InlineData("1::2::3")]
    [InlineData("4294967296")]
    [InlineData("10.1.2.256")]
    [InlineData("10.1.2.3.")]
    [InlineData("10.1.2.3.4")]
    [InlineData("10.256.3")]
    [InlineData("localhost")]
    [InlineData("for=10.1.2.3")]
    [InlineData("0x10.1.2.3")]
    [InlineData("-1")]
    [InlineData(":")]
    [InlineData("[]")]
    [InlineData("[:]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1%")]
    [InlineData("::1.2.3")]
    [InlineData("1.2.3.4::")]
    [InlineData("12345::1")]
    [InlineData("0000000001.2.3.4")]
    [InlineData("10.1.2.3,")]
    [InlineData("")]
    public void OtherText_LeavesThePeer(string headers) => Assert.Equal("9.9.9.9", ForwardedBy(headers));

    [Fact]
    public void ForwardedHeader_IsIgnoredByDefault()
    {
        var context = Request(IPAddress.Parse("9.9.9.9"), "10.1.2.3");

        Assert.Equal("9.9.9.9", AddressOf(context, useForwardedFor: false));
    }

    [Fact]
    public async Task HeaderWithoutAddress_IsCounted()
    {
        var global = new GlobalOptions { Server = new ServerOptions { UseXForwardedFor = true } };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Global = global });

        await frontend.GetAsync("/csc-event", "X-Forwarded-For: somewhere\r\n");
        await frontend.GetAsync("/csc-event", "X-Forwarded-For: 10.1.2.3\r\n");
        await frontend.GetAsync("/csc-event");

        Assert.Equal(1, frontend.Metrics.ForwardedIgnored);
    }

    private static string ForwardedBy(string headers) => AddressOf(Request(IPAddress.Parse("9.9.9.9"), headers), useForwardedFor: true);

    private static string AddressOf(IPAddress peer, bool useForwardedFor) => AddressOf(Request(peer, null), useForwardedFor);

    private static string AddressOf(HttpContext context, bool useForwardedFor)
    {
        Span<byte> target = stackalloc byte[ClientAddress.LengthMax];
        return Encoding.ASCII.GetString(target[..ClientAddress.Write(context, useForwardedFor, target, out _)]);
    }

    private static DefaultHttpContext Request(IPAddress peer, string? headers)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = peer;
        if (headers is not null)
            context.Request.Headers["X-Forwarded-For"] = new StringValues(headers.Split('|'));
        return context;
    }
}
