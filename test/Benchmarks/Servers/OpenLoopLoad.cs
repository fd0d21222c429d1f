using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Divolte.TestKit.Visitors;

namespace Divolte.Benchmarks.Servers;

/// <summary>What an open-loop run saw.</summary>
/// <param name="Answers">Answers that came.</param>
/// <param name="Failures">Those that were no success, and events without an answer.</param>
/// <param name="Late">Events that were sent more than 5 ms after their time, because the client could not keep up.</param>
/// <param name="P50">Median latency in milliseconds, from the time at which the event was due.</param>
/// <param name="P99">99th percentile of that.</param>
/// <param name="Worst">The longest of that.</param>
internal sealed record OpenLoopResult(long Answers, long Failures, long Late, double P50, double P99, double Worst);

/// <summary>
/// Sends unique browser events at a fixed rate, whatever the server does: an event that is due while the server is slow waits, and that counts. A closed
/// loop such as wrk's stops asking when the server is slow, and so never sees it.
/// </summary>
internal sealed class OpenLoopLoad : IDisposable
{
    /// <summary>Enough that an event rarely waits behind another of its connection.</summary>
    private const int Connections = 128;

    private const string Path = "/csc-event";

    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);

    private readonly Connection[] _connections;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private long _next;

    public OpenLoopLoad(int port) => _connections = [.. Enumerable.Range(0, Connections).Select(_ => new Connection(port))];

    /// <summary>Runs on this thread.</summary>
    /// <param name="rate">Events per second.</param>
    /// <param name="events">How many.</param>
    /// <param name="underWayMax">Pauses while so many have no answer: for those who want a lot of events rather than a latency.</param>
    /// <param name="tick">Called about once a second with the number of events sent.</param>
    /// <returns>What it saw.</returns>
    public OpenLoopResult Run(double rate, long events, long underWayMax = long.MaxValue, Action<long>? tick = null)
    {
        foreach (var connection in _connections)
            connection.Begin();
        var late = 0L;
        var clock = Stopwatch.StartNew();
        var ticked = clock.Elapsed;
        for (var sent = 0L; sent < events;)
        {
            var due = Math.Min(events, (long)(clock.Elapsed.TotalSeconds * rate));
            if (sent - _connections.Sum(connection => connection.Answers) > underWayMax)
                due = sent;
            for (; sent < due; sent++)
            {
                var dueAt = TimeSpan.FromSeconds(sent / rate);
                if (clock.Elapsed - dueAt > TimeSpan.FromMilliseconds(5))
                    late++;
                _connections[sent % Connections].Send(RequestOf(_next++), Stopwatch.GetTimestamp() - (long)((clock.Elapsed - dueAt).TotalSeconds * Stopwatch.Frequency));
            }
            if (clock.Elapsed - ticked > TimeSpan.FromSeconds(1))
            {
                ticked = clock.Elapsed;
                tick?.Invoke(sent);
            }
            Thread.Sleep(1);
        }
        var patience = Stopwatch.StartNew();
        while (_connections.Sum(connection => connection.Answers) < events && patience.Elapsed < AnswerPatience)
            Thread.Sleep(5);
        var latencies = _connections.SelectMany(connection => connection.Latencies()).Order().ToArray();
        double At(double share) => latencies.Length == 0 ? double.NaN : latencies[(int)Math.Min(latencies.Length - 1, latencies.Length * share)] / 1000.0;
        var failures = events - latencies.Length + _connections.Sum(connection => connection.Failures);
        return new OpenLoopResult(latencies.Length, failures, late, At(0.5), At(0.99), At(1));
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }

    private byte[] RequestOf(long number)
    {
        var party = string.Create(CultureInfo.InvariantCulture, $"0:i1t84hgy:{_run}party{number % 20_000:D19}");
        var beacon = Beacon.PageView(Path, party, "0:i1t84hgy:sessionsessionsessionsessionse00", number, 1_732_320_000_000 + number, padding: 400);
        return Encoding.ASCII.GetBytes(
            $"GET {beacon.Target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\r\nAccept: image/avif,image/webp,*/*\r\n\r\n");
    }

    /// <summary>One keep-alive connection. Events that are due while an answer is outstanding follow at once, and are answered in order.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly Queue<long> _dueAt = new();
        private List<int> _microseconds = [];
        private long _answers;
        private long _failures;

        public Connection(int port)
        {
            _socket.Connect(IPAddress.Loopback, port);
            _ = ReceiveAsync();
        }

        public long Answers => Interlocked.Read(ref _answers);

        public long Failures => Interlocked.Read(ref _failures);

        public void Begin()
        {
            lock (_dueAt)
                _microseconds = [];
            Interlocked.Exchange(ref _answers, 0);
            Interlocked.Exchange(ref _failures, 0);
        }

        public void Send(byte[] request, long dueAt)
        {
            lock (_dueAt)
                _dueAt.Enqueue(dueAt);
            _socket.Send(request);
        }

        public List<int> Latencies()
        {
            lock (_dueAt)
                return [.. _microseconds];
        }

        public void Dispose() => _socket.Dispose();

        private async Task ReceiveAsync()
        {
            var buffer = new byte[64 << 10];
            var length = 0;
            try
            {
                while (await _socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None) is > 0 and var received)
                {
                    length += received;
                    var at = 0;
                    while (TakeAnswer(buffer.AsSpan(at, length - at)) is > 0 and var taken)
                        at += taken;
                    buffer.AsSpan(at, length - at).CopyTo(buffer);
                    length -= at;
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Answers that do not come count as failures.
            }
        }

        /// <returns>Bytes of the first answer; 0 when it is not whole.</returns>
        private int TakeAnswer(ReadOnlySpan<byte> bytes)
        {
            var head = bytes.IndexOf("\r\n\r\n"u8);
            if (head < 0)
                return 0;
            var lengthAt = bytes[..head].IndexOf("Content-Length: "u8);
            var body = 0;
            for (var at = lengthAt + "Content-Length: ".Length; lengthAt >= 0 && bytes[at] is >= (byte)'0' and <= (byte)'9'; at++)
                body = body * 10 + bytes[at] - '0';
            var whole = head + 4 + body;
            if (bytes.Length < whole)
                return 0;
            lock (_dueAt)
                _microseconds.Add((int)Math.Min(int.MaxValue, Stopwatch.GetElapsedTime(_dueAt.Dequeue()).TotalMicroseconds));
            if (!bytes.StartsWith("HTTP/1.1 200"u8))
                Interlocked.Increment(ref _failures);
            Interlocked.Increment(ref _answers);
            return whole;
        }
    }
}
