using Divolte.Grains.Interfaces.Configuration;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Connecting;

/// <summary>
/// The connections of this process to Redis: one for what must not wait behind pages that sinks read, one for those. Reconnects by itself, with growing
/// pauses up to two seconds; meanwhile every command fails at once.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SubscribePause = TimeSpan.FromMilliseconds(10);
    private const int SubscribeTriesMax = 500;

    private readonly ConnectionMultiplexer _writing;
    private readonly ConnectionMultiplexer _reading;
    private readonly ILogger _logger;
    private int _isAway;

    private RedisConnection(ConnectionMultiplexer writing, ConnectionMultiplexer reading, ILogger logger)
    {
        _writing = writing;
        _reading = reading;
        _logger = logger;
        Writes = writing.GetDatabase();
        Reads = reading.GetDatabase();
        foreach (var connection in new[] { writing, reading })
        {
            connection.ConnectionFailed += (_, failure) => Lose(failure);
            connection.ConnectionRestored += (_, _) => Restore();
            connection.ConfigurationChanged += (_, _) => Changed?.Invoke();
        }
    }

    /// <summary>For claims and appends.</summary>
    public IDatabase Writes { get; }

    /// <summary>For everything else.</summary>
    public IDatabase Reads { get; }

    /// <summary>Raised when a connection is there again, or leads to another server.</summary>
    public event Action? Changed;

    /// <summary>Options for the client from a connection string; also for the cluster's membership.</summary>
    /// <exception cref="JournalException">It cannot be read.</exception>
    public static ConfigurationOptions Parse(string connection, RedisOptions server, TimeSpan commandTimeout)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(connection);
        }
        catch (ArgumentException wrong)
        {
            throw new JournalException($"divolte.global.grid.redis is no connection string: {wrong.Message}", wrong);
        }
        if (!string.IsNullOrEmpty(server.Password))
            options.Password = server.Password;
        if (!string.IsNullOrEmpty(server.CertificateAuthority))
            Trust(options, server.CertificateAuthority);
        options.ClientName = "divolte";
        options.AsyncTimeout = options.SyncTimeout = (int)commandTimeout.TotalMilliseconds;
        options.ConnectTimeout = (int)RetryMax.TotalMilliseconds;
        options.ReconnectRetryPolicy = new ExponentialRetry((int)RetryFirst.TotalMilliseconds, (int)RetryMax.TotalMilliseconds);
        options.ConfigCheckSeconds = 5;
        // Its own threads would be woken beside those of the pool for every answer.
        options.SocketManager = SocketManager.ThreadPool;
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
        // A command that waits for a connection could be carried out long after its caller has been told that it was not.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return options;
    }

    /// <summary>Connects, and tries for a while if the server is not there yet.</summary>
    /// <exception cref="JournalException">It cannot be reached; one line for the operator.</exception>
    public static async Task<RedisConnection> OpenAsync(RedisJournalOptions options, TimeProvider time, ILogger logger)
    {
        var parsed = Parse(options.Connection, options.Server, options.CommandTimeout);
        var begin = time.GetTimestamp();
        for (var pause = RetryFirst; ; pause = pause < RetryMax ? pause * 2 : RetryMax)
        {
            ConnectionMultiplexer? writing = null;
            try
            {
                writing = await ConnectionMultiplexer.ConnectAsync(parsed.Clone());
                return new RedisConnection(writing, await ConnectionMultiplexer.ConnectAsync(parsed.Clone()), logger);
            }
            catch (Exception trouble) when (RedisTroubles.IsTrouble(trouble))
            {
                if (writing is not null)
                    await writing.DisposeAsync();
                if (time.GetElapsedTime(begin) + pause > options.StartPatience)
                {
                    throw new JournalException(
                        $"Redis cannot be reached at {string.Join(", ", parsed.EndPoints)}: {RedisTroubles.Describe(trouble)}", trouble);
                }
            }
            await Task.Delay(pause, time);
        }
    }

    /// <summary>Calls back with every message of a channel.</summary>
    public async Task SubscribeAsync(string channel, Action<string> received)
    {
        var subscriber = _reading.GetSubscriber();
        // Messages have a connection of their own, which may be there a moment later than that of the commands.
        for (var tries = 0; tries < SubscribeTriesMax && !subscriber.IsConnected(); tries++)
            await Task.Delay(SubscribePause, TimeProvider.System);
        await subscriber.SubscribeAsync(RedisChannel.Literal(channel), (_, message) => received(message.ToString()));
    }

    /// <summary>Asks all known servers which of them is the primary: after a failover without a Sentinel nobody else would tell.</summary>
    public async Task RediscoverAsync()
    {
        try
        {
            await Task.WhenAll(_writing.ConfigureAsync(), _reading.ConfigureAsync());
        }
        catch (Exception trouble) when (RedisTroubles.IsTrouble(trouble))
        {
            // None of them answers; asked again soon.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.DisposeAsync();
        await _reading.DisposeAsync();
    }

    private static void Trust(ConfigurationOptions options, string authority)
    {
        try
        {
            options.TrustIssuer(authority);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new JournalException($"divolte.global.grid.redis_server.certificate_authority cannot be read: {wrong.Message}", wrong);
        }
    }

    private void Lose(ConnectionFailedEventArgs failure)
    {
        if (failure.ConnectionType == ConnectionType.Interactive && Interlocked.Exchange(ref _isAway, 1) == 0)
            LogLost(failure.EndPoint?.ToString() ?? "?", failure.FailureType.ToString());
    }

    private void Restore()
    {
        if (Interlocked.Exchange(ref _isAway, 0) == 1)
            LogRestored();
        Changed?.Invoke();
    }

    [LoggerMessage(EventIds.RedisLost, LogLevel.Warning, "The connection to Redis at {Server} is lost: {Reason}; connecting again")]
    private partial void LogLost(string server, string reason);

    [LoggerMessage(EventIds.RedisRestored, LogLevel.Information, "Redis is connected again")]
    private partial void LogRestored();
}
