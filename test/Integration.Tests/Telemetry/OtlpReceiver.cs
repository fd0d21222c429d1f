using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Divolte.Integration.Tests.Telemetry;

/// <summary>A collector on a port of loopback that takes OTLP over HTTP and reads of it what tests ask for.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;

    private OtlpReceiver(WebApplication server) => _server = server;

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    public ConcurrentQueue<ReceivedMetric> Metrics { get; } = new();

    /// <summary>What <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> must say.</summary>
    public string Address => _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver._server.Run(receiver.TakeAsync);
        await receiver._server.StartAsync();
        return receiver;
    }

    /// <summary>Waits until what has come satisfies a test.</summary>
    public async Task WaitAsync(string what, Func<bool> hasCome)
    {
        for (var attempt = 0; !hasCome(); attempt++)
        {
            Assert.True(
                attempt < 600,
                $"Waited for 30 seconds: {what}. Spans: {string.Join(", ", Spans.Select(span => span.Name).Distinct())}; metrics: {string.Join(", ", Metrics.Select(metric => metric.Name).Distinct())}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        var request = new ProtobufMessage(body.ToArray());
        switch (context.Request.Path.Value)
        {
            case "/v1/traces":
                foreach (var span in ReceivedSpan.ReadAll(request))
                    Spans.Enqueue(span);
                break;
            case "/v1/metrics":
                foreach (var metric in ReceivedMetric.ReadAll(request))
                    Metrics.Enqueue(metric);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }
        context.Response.ContentType = "application/x-protobuf"; // an empty message: all was taken
    }
}
