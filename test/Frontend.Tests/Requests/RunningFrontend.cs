using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Divolte.Frontend.Listening;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Frontend.Tests.Requests;

/// <summary>The public port on a free port of the loopback address, with a submitter that keeps the frames it is given.</summary>
internal sealed class RunningFrontend : IAsyncDisposable
{
    private readonly HttpServer _server;
    private SemaphoreSlim _submitted = new(0);

    private RunningFrontend(HttpServer server, ShutdownDrain drain)
    {
        _server = server;
        Drain = drain;
    }

    public int Port => _server.Port;

    public ShutdownDrain Drain { get; }

    public FrontendMetrics Metrics { get; private init; } = null!;

    /// <summary>What the submitter was given, in order.</summary>
    public ConcurrentQueue<byte[]> Frames { get; private init; } = [];

    public static async Task<RunningFrontend> StartAsync(
        DivolteConfiguration? configuration = null, Func<Acknowledgement, ValueTask<SubmitOutcome>>? outcome = null, TimeProvider? time = null,
        ILoggerFactory? loggers = null)
    {
        var frames = new ConcurrentQueue<byte[]>();
        var submitted = new SemaphoreSlim(0);
        var metrics = new FrontendMetrics();
        var drain = new ShutdownDrain(TimeProvider.System);
        var factory = loggers ?? NullLoggerFactory.Instance;
        var server = new HttpServer(null, 0, FrontendPipeline.ConfigureKestrel, factory);
        var pipeline = FrontendPipeline.Build(configuration ?? new DivolteConfiguration(), Submit, drain, metrics, time ?? TimeProvider.System, factory);
        await server.StartAsync(pipeline, null, CancellationToken.None);
        return new RunningFrontend(server, drain) { Metrics = metrics, Frames = frames, _submitted = submitted };

        ValueTask<SubmitOutcome> Submit(ReadOnlySpan<byte> frame, Acknowledgement acknowledge)
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

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
        Metrics.Dispose();
        _submitted.Dispose();
    }
}

/// <summary>One answer as it came over the wire; header names without case.</summary>
internal sealed record RawAnswer(int Status, ILookup<string, string> Headers, byte[] Body)
{
    public string? Header(string name) => Headers[name].FirstOrDefault();

    public string Text => Encoding.Latin1.GetString(Body);
}

/// <summary>A TCP connection that sends exactly what it is told; every character is one byte.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly List<byte> _received = [];
    private readonly TimeSpan _patience;

    private RawConnection(TimeSpan patience) => _patience = patience;

    public static async Task<RawConnection> OpenAsync(int port, TimeSpan? patience = null)
    {
        var connection = new RawConnection(patience ?? Patience);
        await connection._socket.ConnectAsync(IPAddress.Loopback, port);
        return connection;
    }

    public async Task SendAsync(string bytes)
    {
        try
        {
            ReadOnlyMemory<byte> rest = Encoding.Latin1.GetBytes(bytes);
            while (!rest.IsEmpty)
                rest = rest[await _socket.SendAsync(rest)..];
        }
        catch (SocketException)
        {
            // The server refused before it had read everything; what it said is still to be read.
        }
    }

    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next answer; null when the server closes without one.</summary>
    public async Task<RawAnswer?> ReceiveAsync(bool isHead = false)
    {
        int end;
        while ((end = IndexOfBlankLine()) < 0)
        {
            if (!await ReadMoreAsync())
                return null;
        }
        var lines = Encoding.Latin1.GetString([.. _received.Take(end)]).Split("\r\n");
        _received.RemoveRange(0, end + 4);
        var status = int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var hasBody = !isHead && status is not (100 or 204 or 304) && headers.Contains("Content-Length");
        var length = hasBody ? int.Parse(headers["Content-Length"].First(), System.Globalization.CultureInfo.InvariantCulture) : 0;
        while (_received.Count < length && await ReadMoreAsync())
        {
        }
        var body = _received.Take(length).ToArray();
        _received.RemoveRange(0, body.Length);
        return new RawAnswer(status, headers, body);
    }

    /// <summary>Whether the server ends the connection without sending anything more.</summary>
    public async Task<bool> IsClosedAsync() => _received.Count == 0 && !await ReadMoreAsync();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private int IndexOfBlankLine() => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_received).IndexOf("\r\n\r\n"u8);

    private async Task<bool> ReadMoreAsync()
    {
        var buffer = new byte[64 * 1024];
        using var timeout = new CancellationTokenSource(_patience);
        try
        {
            var read = await _socket.ReceiveAsync(buffer, timeout.Token);
            _received.AddRange(buffer.AsSpan(0, read));
            return read > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
