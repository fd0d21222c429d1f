using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Divolte.TestKit.Visitors;

/// <summary>One keep-alive HTTP/1.1 connection on loopback that sends beacons one after another. Opens itself again after a failure.</summary>
public sealed class BeaconConnection(int port, TimeSpan answerTimeout) : IDisposable
{
    private readonly byte[] _buffer = new byte[8192];
    private Socket? _socket;

    /// <summary>Sends one beacon and waits for the whole answer.</summary>
    /// <returns>The status, or null when no whole answer came: the event may or may not have been taken.</returns>
    public async Task<int?> SendAsync(Beacon beacon, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(answerTimeout);
        try
        {
            _socket ??= await ConnectAsync(limit.Token);
            var request = Encoding.Latin1.GetBytes(
                $"GET {beacon.Target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: image/*\r\n\r\n");
            for (var sent = 0; sent < request.Length;)
                sent += await _socket.SendAsync(request.AsMemory(sent), limit.Token);
            return await ReceiveAsync(_socket, limit.Token);
        }
        catch (Exception trouble) when (trouble is SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Drop();
            return null;
        }
    }

    public void Dispose() => Drop();

    private void Drop()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<int> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (received == 0)
                throw new IOException("closed in the middle of an answer");
            length += received;
            var head = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (head < 0)
                continue;
            var text = Encoding.Latin1.GetString(_buffer, 0, head);
            if (length >= head + 4 + ContentLengthOf(text))
            {
                if (text.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
                    Drop();
                return int.Parse(text.AsSpan(9, 3), provider: null);
            }
        }
    }

    private static int ContentLengthOf(string head)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                return int.Parse(line.AsSpan("Content-Length:".Length).Trim(), provider: null);
        }
        return 0;
    }
}
