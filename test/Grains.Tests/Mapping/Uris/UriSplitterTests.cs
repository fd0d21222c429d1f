using System.Text;
using CsCheck;
using Divolte.Grains.Mapping.Uris;
using Divolte.Grains.Schemas;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Uris;

public class UriSplitterTests
{
    [Theory]
    [InlineData("http://example.com", "http|example.com|||–|–")]
    [InlineData("http://example.com?", "http|example.com||||–")]
    [InlineData("//h/p", "–|h||/p|–|–")]
    [InlineData("?a=b", "–|–|||a=b|–")]
    [InlineData("", "–|–|||–|–")]
    [InlineData("http://h/?q=a[b]", "http|h||/|q=a[b]|–")]
    [InlineData("mailto:a@b", "mailto|–||–|–|–")]
    [InlineData("http:///p", "http|–||/p|–|–")]
    [InlineData("http://u:p@h:80/p#f", "http|h|80|/p|–|f")]
    [InlineData("http://h:/p", "http|h||/p|–|–")]
    [InlineData("http://h:99999", "http|h|99999||–|–")]
    [InlineData("http://h:99999999999", "http|–|||–|–")]
    [InlineData("http://a_b/", "http|–||/|–|–")]
    [InlineData("http://münchen/", "http|–||/|–|–")]
    [InlineData("http://1.2.3/", "http|–||/|–|–")]
    [InlineData("http://1.2.3.4/", "http|1.2.3.4||/|–|–")]
    [InlineData("http://1.2.3.256/", "http|–||/|–|–")]
    [InlineData("http://123/", "http|123||/|–|–")]
    [InlineData("http://host.1a/", "http|–||/|–|–")]
    [InlineData("http://h-/", "http|–||/|–|–")]
    [InlineData("http://h./", "http|h.||/|–|–")]
    [InlineData("http://[::1%eth0]:8/", "http|[::1%eth0]|8|/|–|–")]
    [InlineData("http://[1:2:3:4:5:6:7:8]/", "http|[1:2:3:4:5:6:7:8]||/|–|–")]
    [InlineData("HTTP://H/a%20b/é", "HTTP|H||/a%20b/é|–|–")]
    public void Parts(string text, string expected) => Assert.Equal(expected, Split(text));

    [Theory]
    [InlineData("http://h/a[b]")]
    [InlineData("http://h/?q=a|b")]
    [InlineData("http://h/a b")]
    [InlineData("http://h/%zz")]
    [InlineData("http://h/%4")]
    [InlineData("http://a/#/x#y")]
    [InlineData("http:")]
    [InlineData("http://")]
    [InlineData(":x")]
    [InlineData("1a:x")]
    [InlineData("http://[::1")]
    [InlineData("http://[1::2::3]/")]
    [InlineData("http://h/\u00a0")]
    public void WhatIsNoUri_IsAbsent(string text) => Assert.Null(Split(text));

    [Fact]
    public void AnyText_IsSplitOrRefused() => Gen.Char["ab1:/?#[]@%20.-é&= "].Array[0, 30].Sample(letters => Split(new string(letters)));

    /// <summary>Scheme, host, port, path, query, fragment; a dash for what is absent.</summary>
    private static string? Split(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var parts = new UriParts();
        if (!UriSplitter.TryParse(bytes, TextSlice.Of(bytes), parts))
            return null;
        string Print(TextSlice? part) => part is { } slice ? Encoding.UTF8.GetString(slice.Read([])) : "–";
        return string.Join('|', Print(parts.Scheme), Print(parts.Host), parts.Port, Print(parts.Path), Print(parts.Query), Print(parts.Fragment));
    }
}
