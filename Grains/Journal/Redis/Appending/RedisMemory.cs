using System.Globalization;
using Divolte.Grains.Journal.Redis.Connecting;
using Divolte.Grains.Journal.Redis.State;
using Microsoft.Extensions.Logging;

namespace Divolte.Grains.Journal.Redis.Appending;

/// <summary>Whether the server has room: it is asked every second, and what is appended meanwhile is counted here.</summary>
internal sealed partial class RedisMemory(RedisConnection connection, RedisStore store, RedisJournalOptions options, ILogger logger)
{
    private const double ShareOfServerMax = 0.85;
    private const double ShareOfMachineMax = 0.6;
    private const double AlarmShare = 0.8;

    /// <summary>Events are taken again below this share of the bound, so that the answer does not flicker.</summary>
    private const double AcceptAgainShare = 0.95;

    private long _used;
    private long _appended;
    private volatile bool _isFull;
    private volatile bool _isAlarming;

    /// <summary>Whether new events must be refused.</summary>
    public bool IsFull => _isFull || Used > Bound;

    /// <summary>Bytes that the server holds, about.</summary>
    public long Used => Interlocked.Read(ref _used) + Interlocked.Read(ref _appended);

    /// <summary>The bound in bytes.</summary>
    public long Bound
    {
        get
        {
            var server = store.Identity.Server;
            if (options.Server.MaximumMemoryBytes > 0)
                return options.Server.MaximumMemoryBytes;
            return server.MemoryMax > 0 ? (long)(server.MemoryMax * ShareOfServerMax) : (long)(server.MachineMemory * ShareOfMachineMax);
        }
    }

    /// <summary>What an operator should look at; empty when there is nothing.</summary>
    public string Warning => _isAlarming ? $"Redis holds {Used >> 20} of at most {Bound >> 20} MiB: the sinks are behind." : "";

    /// <summary>Counts what was appended since the last look.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _appended, bytes);

    /// <summary>Asks the server.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">It does not answer.</exception>
    public async Task LookAsync()
    {
        var text = (await connection.Reads.ExecuteAsync("INFO", "memory")).ToString();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("used_memory:") && long.TryParse(line["used_memory:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var used))
                Decide(used);
        }
    }

    private void Decide(long used)
    {
        Interlocked.Exchange(ref _used, used);
        Interlocked.Exchange(ref _appended, 0);
        var bound = Bound;
        var isFull = used > bound * (_isFull ? AcceptAgainShare : 1);
        if (isFull && !_isFull)
            LogFull(used, bound);
        else if (!isFull && _isFull)
            LogRoom(used, bound);
        var isAlarming = used > bound * AlarmShare;
        if (isAlarming && !_isAlarming && !isFull)
            LogAlarm(used, bound);
        (_isFull, _isAlarming) = (isFull, isAlarming);
    }

    [LoggerMessage(EventIds.RedisFull, LogLevel.Error, "Redis holds {UsedBytes} bytes, at most {BoundBytes} are allowed: events are refused until sinks have made room")]
    private partial void LogFull(long usedBytes, long boundBytes);

    [LoggerMessage(EventIds.RedisRoom, LogLevel.Information, "Redis holds {UsedBytes} of at most {BoundBytes} bytes: events are taken again")]
    private partial void LogRoom(long usedBytes, long boundBytes);

    [LoggerMessage(EventIds.RedisAlarm, LogLevel.Warning, "Redis holds {UsedBytes} bytes, events are refused at {BoundBytes}")]
    private partial void LogAlarm(long usedBytes, long boundBytes);
}
