using System.Net;
using System.Net.Sockets;
using Divolte.Frontend.Listening;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Frontend.Tests.Listening;

/// <summary>The one suite here that opens a port: on loopback, a free one.</summary>
public sealed class HttpServerTests
{
    [Fact]
    public async Task PortZero_TakesAFreeOneAndAnswers()
    {
        await using var server = new HttpServer(null, 0, static _ => { }, NullLoggerFactory.Instance);
        await server.StartAsync(context => context.Response.WriteAsync(context.Request.Path), scopes: null, TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        // Twice over one connection: the context is used again.
        var first = await http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/a"), TestContext.Current.CancellationToken);
        var second = await http.GetStringAsync(new Uri($"http://127.0.0.1:{server.Port}/b"), TestContext.Current.CancellationToken);

        Assert.Equal(("/a", "/b"), (first, second));
    }

    [Fact]
    public async Task TakenPort_IsAListenException()
    {
        using var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        var port = ((IPEndPoint)occupant.LocalEndpoint).Port;
        await using var server = new HttpServer("127.0.0.1", port, static _ => { }, NullLoggerFactory.Instance);

        var failure = await Assert.ThrowsAsync<ListenException>(() => server.StartAsync(_ => Task.CompletedTask, null, TestContext.Current.CancellationToken));

        Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressOfNobody_IsAListenException()
    {
        await using var server = new HttpServer("192.0.2.1", 0, static _ => { }, NullLoggerFactory.Instance);

        await Assert.ThrowsAsync<ListenException>(() => server.StartAsync(_ => Task.CompletedTask, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ThrowingPipeline_IsA500AndTheServerLives()
    {
        await using var server = new HttpServer(null, 0, static _ => { }, NullLoggerFactory.Instance);
        await server.StartAsync(
            context => context.Request.Path == "/bad" ? throw new InvalidOperationException("bad") : Task.CompletedTask,
            scopes: null,
            TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        using var bad = await http.GetAsync(new Uri($"http://127.0.0.1:{server.Port}/bad"), TestContext.Current.CancellationToken);
        using var good = await http.GetAsync(new Uri($"http://127.0.0.1:{server.Port}/good"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.InternalServerError, bad.StatusCode);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }
}
