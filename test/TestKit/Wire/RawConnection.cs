using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Divolte.TestKit.Wire;

/// <summary>A TCP connection to a port of this host that sends exactly what it is told; every character is one byte.</summary>
public sealed class RawConnection : IAsyncDisposable
{
    /// <summary>How long anything is awaited when a test does not say otherwise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly List<byte> _received = [];
    private readonly TimeSpan _patience;

    private RawConnection(TimeSpan patience) => _patience = patience;

    /// <exception cref="SocketException">Nobody listens there.</exception>
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

    /// <summary>Says that nothing more will be sent.</summary>
    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next answer; null when the server closes without one.</summary>
    /// <param name="isHead">Whether the answer has no body, whatever its headers say.</param>
    /// <param name="patience">How long each part of it may take.</param>
    /// <exception cref="OperationCanceledException">The server does nothing.</exception>
    public async Task<RawAnswer?> ReceiveAsync(bool isHead = false, TimeSpan? patience = null)
    {
        int end;
        while ((end = CollectionsMarshal.AsSpan(_received).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await ReadMoreAsync(patience ?? _patience))
                return null;
        }
        var lines = Encoding.Latin1.GetString([.. _received.Take(end)]).Split("\r\n");
        _received.RemoveRange(0, end + 4);
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var hasBody = !isHead && status is not (100 or 204 or 304) && headers.Contains("Content-Length");
        var length = hasBody ? int.Parse(headers["Content-Length"].First(), CultureInfo.InvariantCulture) : 0;
        while (_received.Count < length && await ReadMoreAsync(patience ?? _patience))
        {
        }
        var body = _received.Take(length).ToArray();
        _received.RemoveRange(0, body.Length);
        return new RawAnswer(status, headers, body);
    }

    /// <summary>Whether the server ends the connection without sending anything more.</summary>
    /// <exception cref="OperationCanceledException">The server does nothing.</exception>
    public async Task<bool> IsClosedAsync() => _received.Count == 0 && !await ReadMoreAsync(_patience);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ReadMoreAsync(TimeSpan patience)
    {
        var buffer = new byte[64 * 1024];
        using var timeout = new CancellationTokenSource(patience);
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
