using System.Text;
using CsCheck;
using Divolte.Frontend.Requests;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class RequestHeadTests
{
    private const string Plain = "GET /csc-event?p=1 HTTP/1.1\r\nHost: localhost:8290\r\nUser-Agent:  Mozilla/5.0 (X11) \r\nConnection: Keep-Alive\r\nX-Empty:\r\n\r\n";

    [Fact]
    public void PlainHead_ShowsItsParts()
    {
        var head = new RequestHead();

        Assert.Equal(HeadStatus.Plain, Read(head, Plain + "GET /next"));

        Assert.Equal(Plain.Length, head.Length);
        Assert.Equal("/csc-event?p=1", Encoding.ASCII.GetString(head.Target));
        Assert.False(head.IsConditional || head.HasForwardedFor);
    }

    [Fact]
    public void EveryBeginning_IsIncomplete()
    {
        for (var length = 0; length < Plain.Length; length++)
            Assert.Equal(HeadStatus.Incomplete, Read(new RequestHead(), Plain[..length]));
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("get / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET  HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nHost: a\n\n")]
    [InlineData("GET / HTTP/1.1\r\rHost: a\r\n\r\n")]
    [InlineData("GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a:\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, upgrade\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nUPGRADE: h2c\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX-Content-Length: 1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: \tb\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\n\r\n")]
    public void WhateverIsNotPlain_IsSpecial(string text) => Assert.Equal(HeadStatus.Special, Read(new RequestHead(), text));

    [Fact]
    public void ManyHeaders_AreSpecial() =>
        Assert.Equal(HeadStatus.Special, Read(new RequestHead(), "GET / HTTP/1.1\r\nHost: a\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 64)) + "\r\n"));

    [Fact]
    public void ConditionAndForwarding_AreNoted()
    {
        var head = new RequestHead();

        Read(head, "GET / HTTP/1.1\r\nHost: a\r\nif-none-match: x\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n\r\n");

        Assert.True(head.IsConditional);
        Assert.Equal("2.2.2.2", Encoding.ASCII.GetString(head.ForwardedFor));
    }

    [Fact]
    public void AnyChange_IsReadWithoutAnError() =>
        Gen.Select(Gen.Int[0, Plain.Length - 1], Gen.Byte, Gen.Int[0, Plain.Length]).Sample((index, value, length) =>
        {
            var bytes = Encoding.ASCII.GetBytes(Plain);
            bytes[index] = value;
            var head = new RequestHead();
            return head.Read(bytes.AsMemory(0, length)) != HeadStatus.Plain || head.Length <= length;
        });

    private static HeadStatus Read(RequestHead head, string text) => head.Read(Encoding.Latin1.GetBytes(text));
}
