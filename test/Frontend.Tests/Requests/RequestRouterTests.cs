using Divolte.Grains.Interfaces.Configuration;
using Divolte.TestKit.Wire;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

public sealed class RequestRouterTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: \t\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.0\r\nHost:\r\n\r\n", 200)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", 200)]
    public async Task EmptyHost_IsABadRequestOfHttpOneOne(string request, int status)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        Assert.Equal(status, (await frontend.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("/nothing", 404)]
    [InlineData("/CSC-EVENT", 404)]
    [InlineData("/csc-event/x", 404)]
    [InlineData("//csc-event/", 200)]
    [InlineData("/csc-event;a=b", 200)]
    [InlineData("http://other.example:99/csc-event", 200)]
    public async Task Path_FindsItsEndpoint(string target, int status)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync(target);

        Assert.Equal(status, answer.Status);
        Assert.Equal("divolte", answer.Header("Server"));
        Assert.Equal(1, frontend.Metrics.Answers(status));
    }

    [Theory]
    [InlineData("/csc-event?a=%zz")]
    [InlineData("/csc-event?a=<")]
    [InlineData("/nothing?{}")]
    public async Task MalformedTarget_IsABareBadRequestAndTheEnd(string target)
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);

        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");

        var answer = (await connection.ReceiveAsync())!;
        Assert.Equal(400, answer.Status);
        Assert.Equal(["Content-Length", "Connection"], answer.Headers.Select(header => header.Key));
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task TooManyParametersOrHeaders_AreABadRequest()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        var parameters = "/csc-event?" + string.Join('&', Enumerable.Range(0, 1001).Select(number => $"q{number}=1"));
        var headers = string.Concat(Enumerable.Range(0, 250).Select(number => $"H{number}: v\r\n"));

        Assert.Equal(400, (await frontend.GetAsync(parameters)).Status);
        Assert.Equal(400, (await frontend.GetAsync("/csc-event", headers)).Status);
    }

    [Theory]
    [InlineData("99999999999999999999")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("-1")]
    [InlineData("5 5")]
    [InlineData("0x5")]
    public async Task LengthThatIsNone_IsABadRequest(string length)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.SendAsync($"POST /csc-event HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n");

        Assert.Equal((400, "close"), (answer.Status, answer.Header("Connection")));
    }

    /// <summary>Success would open a tunnel; the server used to end such a connection without an answer.</summary>
    [Fact]
    public async Task ConnectToPing_IsNotAllowed()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.SendAsync("CONNECT /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.Equal((405, "close"), (answer.Status, answer.Header("Connection")));
    }

    [Fact]
    public async Task LongTarget_IsTaken()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync("/csc-event?p=0:1:p&s=0:1:s&v=v&e=e&c=1&n=f&f=f&zz=" + new string('y', 1_000_000));

        Assert.Equal(200, answer.Status);
        Assert.Single(frontend.Frames);
    }

    [Fact]
    public async Task Ping_TakesPrecedenceOverASource()
    {
        var configuration = new DivolteConfiguration { Sources = [new JsonSourceOptions { Name = "json", EventPath = "/ping" }] };
        await using var frontend = await RunningFrontend.StartAsync(configuration);

        var answer = await frontend.SendAsync("FOO /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.Equal((200, "pong"), (answer.Status, answer.Text));
        Assert.Equal("text/plain; charset=utf-8", answer.Header("Content-Type"));
    }

    [Fact]
    public async Task FirstSourceOfAPath_KeepsIt()
    {
        var configuration = new DivolteConfiguration
        {
            Sources = [new BrowserSourceOptions { Name = "browser" }, new JsonSourceOptions { Name = "json", EventPath = "/csc-event/" }],
        };
        await using var frontend = await RunningFrontend.StartAsync(configuration);

        Assert.Equal(200, (await frontend.GetAsync("/csc-event")).Status);
    }
}
