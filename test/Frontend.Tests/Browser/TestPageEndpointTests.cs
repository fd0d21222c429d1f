using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
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
    [InlineData("bytes=-5", 206, 5)]
    [InlineData("bytes=0-1,4-5", 200, -1)]
    [InlineData("bytes=x-", 200, -1)]
    [InlineData("bytes=999999-", 416, 0)]
    public async Task Range_IsServed(string range, int status, int length)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync("/", $"Range: {range}\r\n");

        Assert.Equal(status, answer.Status);
        if (length >= 0)
            Assert.Equal(length, answer.Body.Length);
    }

    [Fact]
    public async Task UnmodifiedPage_Is304()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        var modified = (await frontend.GetAsync("/")).Header("Last-Modified");

        Assert.Equal(304, (await frontend.GetAsync("/", $"If-Modified-Since: {modified}\r\n")).Status);
        Assert.Equal(200, (await frontend.GetAsync("/", "If-Modified-Since: Fri, 01 Jan 1999 00:00:00 GMT\r\n")).Status);
    }

    [Fact]
    public async Task WithoutStaticResources_ThereIsNoPage()
    {
        var global = new GlobalOptions { Server = new ServerOptions { ServeStaticResources = false } };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Global = global });

        Assert.Equal(404, (await frontend.GetAsync("/")).Status);
        Assert.Equal(404, (await frontend.SendAsync("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")).Status);
    }
}
