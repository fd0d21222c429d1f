using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.TestKit.Wire;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class TestPageEndpointTests
{
    [Theory]
    [InlineData("GET", "/", 200)]
    [InlineData("GET", "/index.html", 200)]
    [InlineData("get", "/./", 200)]
    [InlineData("HEAD", "/", 200)]
    [InlineData("POST", "/", 200)]
    [InlineData("GET", "/index.html/", 404)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("PUT", "/nothing", 405)]
    [InlineData("TRACE", "/", 405)]
    [InlineData("PATCH", "/", 501)]
    [InlineData("FOO", "/", 501)]
    public async Task Request_IsAnsweredAs(string method, string target, int status)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.SendAsync($"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? "text/html" : null, answer.Header("Content-Type"));
        Assert.Equal(status == 405 ? "GET, HEAD, POST" : null, answer.Header("Allow"));
    }

    [Fact]
    public async Task Page_LoadsTheTagOfTheFirstBrowserSource()
    {
        var source = new BrowserSourceOptions { Name = "one", Prefix = "/deep/er/", JavaScript = new JavaScriptOptions { Name = "tag.js" } };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Sources = [source] });

        var page = (await frontend.GetAsync("/")).Text;

        Assert.Contains("<script src=\"/deep/er/tag.js\" defer async></script>", page, StringComparison.Ordinal);
        Assert.Contains("<title>Divolte</title>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes=0-9", 206, 10)]
    [InlineData("bytes=0-0", 206, 1)]
    [InlineData("bytes=0-9,", 206, 10)]
    [InlineData("bytes=-5", 206, 5)]
    [InlineData("bytes=0-1,4-5", 200, -1)]
    [InlineData("bytes=x-", 200, -1)]
    [InlineData("bytes=999999-", 416, 0)]
    [InlineData("bytes=5-4", 416, 0)]
    [InlineData("bytes=-0", 416, 0)]
    public async Task Range_IsServed(string range, int status, int length)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync("/", $"Range: {range}\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Equal("bytes", answer.Header("Accept-Ranges"));
        Assert.Equal(status == 416 ? null : "text/html", answer.Header("Content-Type"));
        if (length >= 0)
            Assert.Equal(length, answer.Body.Length);
    }

    [Fact]
    public async Task LongRange_EndsWithThePage()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        var whole = (await frontend.GetAsync("/")).Body;

        var rest = await frontend.GetAsync("/", "Range: bytes=10-999999999999\r\n");
        var all = await frontend.GetAsync("/", "Range: bytes=-999999999999\r\n");
        var head = await frontend.SendAsync("HEAD / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-4\r\n\r\n");

        Assert.Equal($"bytes 10-{whole.Length - 1}/{whole.Length}", rest.Header("Content-Range"));
        Assert.Equal(whole[10..], rest.Body);
        Assert.Equal(whole, all.Body);
        Assert.Equal((206, "5"), (head.Status, head.Header("Content-Length")));
        Assert.Empty(head.Body);
    }

    [Theory]
    [InlineData("If-Range: \"any\"", 206)]
    [InlineData("If-Range: Fri, 01 Jan 2100 00:00:00 GMT", 206)]
    [InlineData("If-Range: {modified}", 206)]
    [InlineData("If-Range: Fri, 01 Jan 1999 00:00:00 GMT", 200)]
    [InlineData("If-Range: nonsense", 206)]
    public async Task RangeOfAPageThatMayHaveChanged_DependsOnItsDate(string header, int status) =>
        Assert.Equal(status, (await ConditionalAsync(header + "\r\nRange: bytes=0-4")).Status);

    [Theory]
    [InlineData("If-Modified-Since: {modified}", 304)]
    [InlineData("If-Modified-Since: Sat, 01 Jan 2100 00:00:00 GMT", 304)]
    [InlineData("If-Modified-Since: Friday, 01-Jan-49 00:00:00 GMT; length=7", 304)]
    [InlineData("If-Modified-Since: Fri, 01 Jan 1999 00:00:00 GMT", 200)]
    [InlineData("If-Modified-Since: tomorrow", 200)]
    [InlineData("If-None-Match: *", 200)]
    [InlineData("If-None-Match: \"any\"", 200)]
    [InlineData("If-None-Match: \"*\"", 304)]
    [InlineData("If-None-Match: \"any\"\r\nIf-Modified-Since: {modified}", 304)]
    [InlineData("If-Match: \"*\"", 200)]
    [InlineData("If-Match: \"any\"", 412)]
    [InlineData("If-Match: *", 412)]
    [InlineData("If-Unmodified-Since: {modified}", 200)]
    [InlineData("If-Unmodified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 200)]
    [InlineData("If-Unmodified-Since: Fri, 01 Jan 1999 00:00:00 GMT", 412)]
    [InlineData("If-Unmodified-Since: Fri, 01 Jan 1999 00:00:00 GMT\r\nIf-Modified-Since: {modified}", 412)]
    public async Task Condition_IsRespected(string headers, int status)
    {
        var answer = await ConditionalAsync(headers);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200, answer.Body.Length > 0);
        Assert.Equal(status == 200, answer.Header("Last-Modified") is not null);
    }

    [Fact]
    public async Task UnmodifiedPage_Is304()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        var modified = (await frontend.GetAsync("/")).Header("Last-Modified");

        Assert.Equal(304, (await frontend.GetAsync("/", $"If-Modified-Since: {modified}\r\n")).Status);
        Assert.Equal(200, (await frontend.GetAsync("/", "If-Modified-Since: Fri, 01 Jan 1999 00:00:00 GMT\r\n")).Status);
    }

    /// <summary>The recorded server sent parts of its HTTP library's directory listing for these; here they are queries like any other.</summary>
    [Theory]
    [InlineData("js")]
    [InlineData("css")]
    public async Task QueryOfALibrary_IsAQueryLikeAnyOther(string query)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        Assert.Equal("text/html", (await frontend.GetAsync($"/?{query}")).Header("Content-Type"));
        Assert.Equal(404, (await frontend.GetAsync($"/nothing?{query}")).Status);
    }

    [Fact]
    public async Task WithoutStaticResources_ThereIsNoPage()
    {
        var global = new GlobalOptions { Server = new ServerOptions { ServeStaticResources = false } };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Global = global });

        Assert.Equal(404, (await frontend.GetAsync("/")).Status);
        Assert.Equal(404, (await frontend.GetAsync("/test-page.js")).Status);
        Assert.Equal(404, (await frontend.SendAsync("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")).Status);
    }

    private static async Task<RawAnswer> ConditionalAsync(string headers)
    {
        await using var frontend = await RunningFrontend.StartAsync();
        var modified = (await frontend.GetAsync("/")).Header("Last-Modified");
        return await frontend.GetAsync("/", headers.Replace("{modified}", modified, StringComparison.Ordinal) + "\r\n");
    }

    [Theory]
    [InlineData("/test-page.js", "text/javascript; charset=utf-8")]
    [InlineData("/test-page.css", "text/css; charset=utf-8")]
    public async Task FilesOfThePage_StandBesideIt(string path, string type)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync(path);

        Assert.Equal(200, answer.Status);
        Assert.Equal(type, answer.Header("Content-Type"));
        Assert.Equal(304, (await frontend.GetAsync(path, $"If-None-Match: {answer.Header("ETag")}\r\n")).Status);
        Assert.Equal(405, (await frontend.SendAsync($"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")).Status);
    }

    [Fact]
    public async Task Page_HasNothingInlineAndNothingFromElsewhere()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var page = (await frontend.GetAsync("/")).Text;

        Assert.DoesNotMatch("<script(?![^>]* src=)", page);
        Assert.DoesNotMatch("<style| style=| on[a-z]+=|https?:", page);
        Assert.Contains("data-event-suffix=\"csc-event\"", page, StringComparison.Ordinal);
    }
}
