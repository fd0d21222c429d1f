using System.Collections.Concurrent;
using System.Text;
using Divolte.Frontend.FastPath;
using Divolte.Frontend.Listening;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.TestKit.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

/// <summary>The public port on a free port of the loopback address, with a submitter that keeps the frames it is given.</summary>
internal sealed class RunningFrontend : IAsyncDisposable
{
    private readonly HttpServer _server;
    private SemaphoreSlim _submitted = new(0);
    private int[] _serverRequests = [0];

    private RunningFrontend(HttpServer server, ShutdownDrain drain)
    {
        _server = server;
        Drain = drain;
    }

    public int Port => _server.Port;

    public ShutdownDrain Drain { get; }

    public FrontendMetrics Metrics { get; private init; } = null!;

    /// <summary>How many requests the HTTP server has handled itself.</summary>
    public int ServerRequests => Volatile.Read(ref _serverRequests[0]);

    /// <summary>What the submitter was given, in order.</summary>
    public ConcurrentQueue<byte[]> Frames { get; private init; } = [];

    public static async Task<RunningFrontend> StartAsync(
        DivolteConfiguration? configuration = null, Func<Acknowledgement, ValueTask<SubmitOutcome>>? outcome = null, TimeProvider? time = null,
        ILoggerFactory? loggers = null, bool hasFastPath = true, Action<EventFastPath>? adjust = null)
    {
        var frames = new ConcurrentQueue<byte[]>();
        var submitted = new SemaphoreSlim(0);
        var metrics = new FrontendMetrics();
        var drain = new ShutdownDrain(TimeProvider.System);
        var factory = loggers ?? NullLoggerFactory.Instance;
        var pipeline = FrontendPipeline.Build(configuration ?? new DivolteConfiguration(), Submit, drain, metrics, time ?? TimeProvider.System, factory);
        var server = new HttpServer(null, 0, kestrel => FrontendPipeline.ConfigureKestrel(kestrel, hasFastPath ? pipeline.FastPath : null), factory);
        if (pipeline.FastPath is { } fastPath)
            adjust?.Invoke(fastPath);
        var serverRequests = new[] { 0 };
        await server.StartAsync(CountAndHandle, null, CancellationToken.None);
        return new RunningFrontend(server, drain) { Metrics = metrics, Frames = frames, _submitted = submitted, _serverRequests = serverRequests };

        Task CountAndHandle(HttpContext context)
        {
            Interlocked.Increment(ref serverRequests[0]);
            return pipeline.Requests(context);
        }

        ValueTask<SubmitOutcome> Submit(Span<byte> frame, Acknowledgement acknowledge)
        {
            frames.Enqueue(frame.ToArray());
            submitted.Release();
            return outcome?.Invoke(acknowledge)
                ?? ValueTask.FromResult(acknowledge == Acknowledgement.Durable ? SubmitOutcome.Durable : SubmitOutcome.Received);
        }
    }

    /// <summary>Waits until so many frames were submitted since the queue was cleared.</summary>
    public async Task SubmittedAsync(int count)
    {
        while (Frames.Count < count)
            Assert.True(await _submitted.WaitAsync(RawConnection.Patience), $"Waited for {count} frames, saw {Frames.Count}.");
    }

    /// <summary>Sends bytes as they are and reads one answer.</summary>
    public async Task<RawAnswer> SendAsync(string request)
    {
        await using var connection = await RawConnection.OpenAsync(Port);
        await connection.SendAsync(request);
        return await connection.ReceiveAsync(isHead: request.StartsWith("HEAD ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException("The server closed the connection without an answer to:\n" + request);
    }

    public Task<RawAnswer> GetAsync(string target, string headers = "") => SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");

    public Task<RawAnswer> PostAsync(string target, string body, string headers = "Content-Type: application/json\r\n") =>
        SendAsync($"POST {target} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {Encoding.Latin1.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Stops, and waits for the requests in progress: a client may see its connection closed before the server has counted why.</summary>
    public async Task FinishRequestsAsync()
    {
        using var patience = new CancellationTokenSource(RawConnection.Patience);
        await _server.StopAsync(patience.Token);
        Assert.False(patience.IsCancellationRequested, "Waited for the requests in progress to end.");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
        Metrics.Dispose();
        _submitted.Dispose();
    }
}
