using System.Globalization;
using Divolte.Grains.Interfaces.Configuration;
using StackExchange.Redis;

namespace Divolte.Grains.Journal.Redis.Connecting;

/// <summary>What a server says of itself, as far as promises depend on it.</summary>
/// <param name="Life">Id of its life: another one after every restart and failover.</param>
/// <param name="Version">Its version.</param>
/// <param name="IsAppendOnly">Whether it writes an append-only file.</param>
/// <param name="Sync">When it syncs that; null when it does not tell.</param>
/// <param name="EvictsAnything">Whether it throws keys away when its memory is full.</param>
/// <param name="MemoryMax">Its own bound of memory in bytes; 0 when it has none.</param>
/// <param name="MachineMemory">Memory of its machine in bytes.</param>
/// <param name="MemoryUsed">Bytes that it holds.</param>
internal sealed record RedisServer(
    string Life, Version Version, bool IsAppendOnly, string? Sync, bool EvictsAnything, long MemoryMax, long MachineMemory, long MemoryUsed)
{
    /// <summary>Scripts with flags came with this version.</summary>
    private static readonly Version VersionMin = new(7, 0);

    /// <summary>Whether a restart brings back all that was acknowledged.</summary>
    public bool KeepsAllAtRestart => IsAppendOnly && Sync == "always";

    public static async Task<RedisServer> ReadAsync(IDatabase database)
    {
        var facts = ParseInfo((await database.ExecuteAsync("INFO")).ToString());
        return new RedisServer(
            facts.GetValueOrDefault("master_replid", ""),
            Version.TryParse(facts.GetValueOrDefault("redis_version"), out var version) ? version : new Version(0, 0),
            facts.GetValueOrDefault("aof_enabled") == "1",
            await ReadSettingAsync(database, "appendfsync"),
            facts.GetValueOrDefault("maxmemory_policy", "").StartsWith("allkeys", StringComparison.Ordinal),
            Number(facts, "maxmemory"),
            Number(facts, "total_system_memory"),
            Number(facts, "used_memory"));
    }

    /// <summary>Id of the server's life now; cheap.</summary>
    public static async Task<string> ReadLifeAsync(IDatabase database)
    {
        const string name = "master_replid:";
        var text = (await database.ExecuteAsync("INFO", "replication")).ToString();
        var begin = text.IndexOf(name, StringComparison.Ordinal);
        if (begin < 0)
            return "";
        begin += name.Length;
        var end = text.AsSpan(begin).IndexOfAny('\r', '\n');
        return end < 0 ? text[begin..] : text.Substring(begin, end);
    }

    /// <summary>Why the server cannot be used at all; null when it can.</summary>
    public string? FindRefusal()
    {
        if (Version < VersionMin)
            return $"Redis {Version} is too old: {VersionMin} or later is needed.";
        return EvictsAnything
            ? "Redis is set to throw keys away when its memory is full (maxmemory-policy allkeys-…), acknowledged events among them: set maxmemory-policy noeviction."
            : null;
    }

    /// <summary>In what the server promises less than is configured; empty when in nothing.</summary>
    public string FindWeakness(RedisOptions expected)
    {
        if (!IsAppendOnly)
            return "Redis writes no append-only file (appendonly no): a restart of it loses acknowledged events.";
        return (expected.Sync, Sync) switch
        {
            (_, "always") or (RedisSync.Everysec, "everysec") => "",
            (RedisSync.Always, null) or (RedisSync.Everysec, null) => "Redis does not tell when it syncs its append-only file (CONFIG GET is refused): what is promised depends on it.",
            (RedisSync.Always, _) => $"Redis syncs its append-only file later than configured (appendfsync {Sync}, redis_server.sync = always): a crash of it may lose "
                + "acknowledged events. Set appendfsync always, or say redis_server.sync = everysec.",
            _ => $"Redis leaves syncing to its system (appendfsync {Sync}): a crash of its machine may lose acknowledged events.",
        };
    }

    private static async Task<string?> ReadSettingAsync(IDatabase database, string name)
    {
        try
        {
            var answer = (RedisResult[]?)await database.ExecuteAsync("CONFIG", "GET", name);
            return answer is [_, var value] ? value.ToString() : null;
        }
        catch (RedisServerException)
        {
            return null; // hosted servers often refuse it
        }
    }

    private static Dictionary<string, string> ParseInfo(string text)
    {
        var facts = new Dictionary<string, string>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && line[0] != '#')
                facts[line[..colon].ToString()] = line[(colon + 1)..].ToString();
        }
        return facts;
    }

    private static long Number(Dictionary<string, string> facts, string name) =>
        long.TryParse(facts.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
