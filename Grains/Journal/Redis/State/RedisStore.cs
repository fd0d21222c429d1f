using System.Globalization;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Journal.Redis.Connecting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.State;

/// <summary>
/// Knows which store this is: its parameters, its incarnation, and whether the server is still the one that was looked at. After a restart or a failover
/// it compares what this process knows to be acknowledged with what is there, and says what was lost.
/// </summary>
internal sealed partial class RedisStore(
    RedisConnection connection, RedisKeys keys, RedisJournalOptions options, ShardHoldings holdings, QueueReads reads, ILogger logger) : IDisposable
{
    private const int LooksMax = 5;

    private readonly SemaphoreSlim _looking = new(1);
    private StoreIdentity? _identity;

    /// <summary>The store as it was looked at last.</summary>
    public StoreIdentity Identity => Volatile.Read(ref _identity) ?? throw new InvalidOperationException("The store is not open.");

    /// <summary>Raised when the store is another one, or its incarnation was raised.</summary>
    public event Action? Changed;

    /// <summary>Makes the store, or checks that it was made with the same parameters.</summary>
    /// <exception cref="JournalException">It was not, or the server cannot be used.</exception>
    /// <exception cref="RedisException">The server cannot be reached.</exception>
    public async Task OpenAsync()
    {
        if (await LookAsync() is null)
            throw new JournalException("Redis has no primary at the given address: only a replica answers. Name the primary, or Sentinels with serviceName.");
        if (Identity.Server.FindRefusal() is { } refusal)
            throw new JournalException(refusal);
        if (Identity.Server.FindWeakness(options.Server) is { Length: > 0 } weakness)
            LogWeak(weakness);
    }

    /// <summary>Looks again, unless somebody has done so since.</summary>
    /// <param name="seen">What was believed when the store refused.</param>
    /// <returns>Whether it can be written now.</returns>
    public async Task<bool> LookAgainAsync(StoreIdentity seen)
    {
        await _looking.WaitAsync();
        try
        {
            return !ReferenceEquals(Identity, seen) || await LookAsync() is not null;
        }
        catch (Exception trouble) when (RedisTroubles.IsTrouble(trouble) || trouble is JournalException)
        {
            LogLookFailed(RedisTroubles.Describe(trouble));
            return false;
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>Takes over an incarnation that another script has told.</summary>
    public void Learn(StoreIdentity seen, long incarnation)
    {
        if (incarnation == seen.Incarnation || Interlocked.CompareExchange(ref _identity, seen with { Incarnation = incarnation }, seen) != seen)
            return;
        LogRaised(incarnation);
        Changed?.Invoke();
    }

    /// <summary>Stores the latest format. Opening has refused a later one.</summary>
    public async Task RaiseFormatAsync()
    {
        await connection.Writes.HashSetAsync(keys.Meta, "format", (int)GridFormat.Latest);
        _identity = Identity with { Format = GridFormat.Latest };
    }

    public void Dispose() => _looking.Dispose();

    private async Task<StoreIdentity?> LookAsync()
    {
        for (var look = 1; ; look++)
        {
            var server = await RedisServer.ReadAsync(connection.Writes);
            var known = holdings.ToList();
            var answer = (RedisResult[])(await RedisScript.Open.RunAsync(connection.Writes, keys.Prefix, Arguments(server, known)))!;
            if (answer[0].ToString() == "replica")
                return null;
            var identity = new StoreIdentity(answer[1].ToString(), Number(answer[2]), answer[7].ToString(), (int)Number(answer[3]), server);
            if (identity.Life != server.Life && look < LooksMax)
                continue; // it changed between the two
            Check(answer);
            Accept(identity, Number(answer[8]));
            return identity;
        }
    }

    private RedisValue[] Arguments(RedisServer server, IReadOnlyList<ShardHolding> known)
    {
        var parameters = options.Parameters;
        var arguments = new List<RedisValue>
        {
            (int)GridFormat.Latest,
            parameters.Shards,
            parameters.Queues,
            parameters.RouteBy,
            Guid.NewGuid().ToString("N")[..16],
            Volatile.Read(ref _identity)?.Incarnation ?? 0,
            server.KeepsAllAtRestart ? 1 : 0,
            options.Server.Replicas > 0 ? 1 : 0,
        };
        arguments.Add(known.Count);
        foreach (var holding in known)
            arguments.AddRange([holding.Shard, holding.Epoch, holding.State.Events]);
        if (Volatile.Read(ref _identity) is { } seen)
        {
            foreach (var (queue, offset) in reads.ToList(seen.Incarnation))
                arguments.AddRange([queue, offset]);
        }
        return [.. arguments];
    }

    private void Check(RedisResult[] answer)
    {
        if (!GridFormat.Reads((int)Number(answer[3])))
            throw new JournalException($"The store of cluster {options.Cluster} has format {answer[3]}; this release reads formats {GridFormat.Oldest} to {GridFormat.Latest}.");
        var stored = new JournalParameters((int)Number(answer[4]), (int)Number(answer[5]), answer[6].ToString());
        var (asked, place) = (options.Parameters, $"The store of cluster {options.Cluster} in Redis");
        Compare("divolte.global.grid.shards", stored.Shards, asked.Shards, place);
        Compare("divolte.global.grid.queues", stored.Queues, asked.Queues, place);
        Compare("divolte.global.grid.route_by", stored.RouteBy, asked.RouteBy, place);
    }

    private void Accept(StoreIdentity identity, long lost)
    {
        var before = Interlocked.Exchange(ref _identity, identity);
        if (lost > 0)
        {
            holdings.Clear();
            LogLost(lost, options.Server.Sync == Interfaces.Configuration.RedisSync.Always ? "always" : "everysec", options.Server.Replicas);
        }
        if (before is null)
            return;
        if (before.Life != identity.Life)
            LogOtherLife(lost == 0 ? "nothing that this process knows is missing" : "acknowledged events are missing");
        if (before.Incarnation != identity.Incarnation)
            LogRaised(identity.Incarnation);
        if (before.Life != identity.Life && identity.Server.FindWeakness(options.Server) is { Length: > 0 } weakness)
            LogWeak(weakness);
        Changed?.Invoke();
    }

    private static void Compare<T>(string key, T stored, T asked, string place)
        where T : IEquatable<T>
    {
        if (!stored.Equals(asked))
            throw new JournalException($"{place} was made with {key} = {stored}, the configuration says {asked}. Set it back, or choose another divolte.global.grid.cluster.");
    }

    private static long Number(RedisResult result) => long.Parse(result.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    [LoggerMessage(EventIds.RedisWeak, LogLevel.Error, "{Weakness}")]
    private partial void LogWeak(string weakness);

    [LoggerMessage(EventIds.RedisLookFailed, LogLevel.Warning, "Redis cannot be looked at after it changed: {Reason}")]
    private partial void LogLookFailed(string reason);

    [LoggerMessage(EventIds.RedisOtherLife, LogLevel.Warning, "Redis was restarted or failed over; {Finding}")]
    private partial void LogOtherLife(string finding);

    [LoggerMessage(EventIds.RedisEventsLost, LogLevel.Error, "Redis came back without {Events} acknowledged events of this process's shards (sync = {Sync}, replicas = {Replicas})")]
    private partial void LogLost(long events, string sync, int replicas);

    [LoggerMessage(EventIds.RedisRaised, LogLevel.Error, "The journal may have come back shorter: its incarnation is now {Incarnation}, and sinks stop until somebody decides where they go on")]
    private partial void LogRaised(long incarnation);
}
