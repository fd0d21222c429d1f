using System.Diagnostics;
using System.Globalization;

namespace Divolte.TestKit.Processes;

/// <summary>A real Redis Sentinel that watches one primary and decides alone.</summary>
public sealed class RedisSentinel : IAsyncDisposable
{
    /// <summary>The name under which it knows the primary.</summary>
    public const string Service = "divolte";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private RedisSentinel(int port, RedisProcess primary)
    {
        Port = port;
        var file = _folder.Write("sentinel.conf", $"""
            port {port}
            bind 127.0.0.1
            dir {_folder.Path}
            sentinel monitor {Service} 127.0.0.1 {primary.Port} 1
            sentinel down-after-milliseconds {Service} 500
            sentinel failover-timeout {Service} 5000

            """);
        var start = new ProcessStartInfo("redis-server", [file, "--sentinel"]) { RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public int Port { get; }

    /// <summary>Connection string that leads to whatever is the primary.</summary>
    public string Connection => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},serviceName={Service}");

    /// <summary>Starts one and waits until it knows the primary and its replica.</summary>
    public static async Task<RedisSentinel> StartAsync(RedisProcess primary)
    {
        var sentinel = new RedisSentinel(FreePort.Next(), primary);
        await RedisProcess.WaitUntilAsync(sentinel.Port, $"SENTINEL replicas {Service}", "slave");
        return sentinel;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }
}
