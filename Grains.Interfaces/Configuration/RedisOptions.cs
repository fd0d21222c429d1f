using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary><c>divolte.global.grid.redis_server</c>: what the grid expects of its Redis. The connection itself is <c>divolte.global.grid.redis</c>.</summary>
public sealed record RedisOptions
{
    /// <summary>Password; goes before one in the connection string. Default: none. Environment <c>DIVOLTE_REDIS_PASSWORD</c>.</summary>
    [Setting("password", From = SettingOrigin.Ours, Environment = "DIVOLTE_REDIS_PASSWORD", IsSecret = true, Example = "…")]
    public string? Password { get; init; }

    /// <summary>
    /// PEM file of the authority that signed the server's certificate, where the system does not trust it; used with <c>ssl=true</c> in the connection
    /// string. Default: none. Environment <c>DIVOLTE_REDIS_CERTIFICATE_AUTHORITY</c>.
    /// </summary>
    [Setting(
        "certificate_authority",
        From = SettingOrigin.Ours,
        Environment = "DIVOLTE_REDIS_CERTIFICATE_AUTHORITY",
        Example = "/etc/divolte/redis-ca.pem")]
    public string? CertificateAuthority { get; init; }

    /// <summary>
    /// How the server must sync its append-only file before events count as durable. A server that is set weaker is reported at start and in the status,
    /// not changed. Default <c>always</c>. Environment <c>DIVOLTE_REDIS_SYNC</c>.
    /// </summary>
    [Setting("sync", From = SettingOrigin.Ours, Environment = "DIVOLTE_REDIS_SYNC", Example = "everysec")]
    public RedisSync Sync { get; init; } = RedisSync.Always;

    /// <summary>
    /// How many replicas must have received a write before it is acknowledged: with at least one, a failover loses nothing that was acknowledged. Default 0.
    /// Environment <c>DIVOLTE_REDIS_REPLICAS</c>.
    /// </summary>
    [Setting("replicas", From = SettingOrigin.Ours, Environment = "DIVOLTE_REDIS_REPLICAS", Minimum = 0, Maximum = 16, Example = "1")]
    public int Replicas { get; init; }

    /// <summary>How long a write waits for them. Default 250 ms.</summary>
    [Setting("replica_timeout", From = SettingOrigin.Ours, Environment = "DIVOLTE_REDIS_REPLICA_TIMEOUT", Minimum = 1, Maximum = 10000, Example = "100 milliseconds")]
    public TimeSpan ReplicaTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// When the server holds so many bytes, new events are refused with 503 until the sinks have caught up. Default 0: 85 % of the server's
    /// <c>maxmemory</c>, or 60 % of its machine's memory where it has none. Environment <c>DIVOLTE_REDIS_MAXIMUM_MEMORY</c>.
    /// </summary>
    [Setting(
        "maximum_memory",
        From = SettingOrigin.Ours,
        Environment = "DIVOLTE_REDIS_MAXIMUM_MEMORY",
        Unit = SettingUnit.Bytes,
        Minimum = 0,
        DefaultText = "85 % of the server's `maxmemory`, or 60 % of its machine's memory where it has none",
        Example = "4 GiB")]
    public long MaximumMemoryBytes { get; init; }
}

/// <summary>When Redis syncs its append-only file.</summary>
public enum RedisSync
{
    /// <summary>Before every answer: what was acknowledged survives a crash of the machine.</summary>
    Always,

    /// <summary>Every second, in the background: a crash of the server may lose what was acknowledged in the last second.</summary>
    Everysec,
}
