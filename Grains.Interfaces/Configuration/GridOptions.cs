using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary><c>divolte.global.grid</c>: where events are kept between acknowledgement and sink, and how they are spread. Not from upstream.</summary>
public sealed record GridOptions
{
    /// <summary>What keeps journal, duplicate marks and progress. Default <c>local</c>. Environment <c>DIVOLTE_STORE</c>.</summary>
    [Setting("store", From = SettingOrigin.Ours, Environment = "DIVOLTE_STORE", Example = "redis")]
    public GridStore Store { get; init; } = GridStore.Local;

    /// <summary>
    /// Redis connection string: servers, and options after commas, such as <c>ssl=true</c> for TLS or <c>serviceName=NAME</c> when the servers are
    /// Sentinels. Default: none. Environment <c>DIVOLTE_REDIS</c>.
    /// </summary>
    [Setting("redis", From = SettingOrigin.Ours, Environment = "DIVOLTE_REDIS", IsSecret = true, Example = "\"redis-1:6379,password=…\"")]
    public string? Redis { get; init; }

    [Setting("redis_server", From = SettingOrigin.Ours)]
    public RedisOptions RedisServer { get; init; } = new();

    /// <summary>
    /// Name of the cluster: several can share one Redis server. 1 to 64 letters, digits, dots, dashes and underscores. Default <c>divolte</c>.
    /// Environment <c>DIVOLTE_CLUSTER</c>.
    /// </summary>
    [Setting("cluster", From = SettingOrigin.Ours, Environment = "DIVOLTE_CLUSTER", Example = "shop")]
    public string Cluster { get; init; } = "divolte";

    /// <summary>
    /// The IP address at which the other processes of the grid reach this one. Default: with the store <c>local</c> loopback, with <c>redis</c> the first
    /// address of this host that is not loopback. Environment <c>DIVOLTE_ADDRESS</c>.
    /// </summary>
    [Setting("address", From = SettingOrigin.Ours, Environment = "DIVOLTE_ADDRESS", DefaultText = "the host's first address", Example = "10.0.0.5")]
    public string? Address { get; init; }

    /// <summary>Port for the other silos, with the store <c>redis</c>; 0 takes a free one. Default 11111. Environment <c>DIVOLTE_SILO_PORT</c>.</summary>
    [Setting("silo_port", From = SettingOrigin.Ours, Environment = "DIVOLTE_SILO_PORT", Minimum = 0, Maximum = 65535, Example = "11112")]
    public int SiloPort { get; init; } = 11111;

    /// <summary>Port for frontends, with the store <c>redis</c>; 0 takes a free one. Default 30000. Environment <c>DIVOLTE_GATEWAY_PORT</c>.</summary>
    [Setting("gateway_port", From = SettingOrigin.Ours, Environment = "DIVOLTE_GATEWAY_PORT", Minimum = 0, Maximum = 65535, Example = "30001")]
    public int GatewayPort { get; init; } = 30000;

    /// <summary>
    /// Directory of the journal, default files, dead letters and progress; two processes cannot share one. Default <c>data</c> in the working directory,
    /// or <c>data-PORT</c> when the HTTP port is not 8290. Environment <c>DIVOLTE_DATA_DIR</c>.
    /// </summary>
    [Setting(
        "data_directory",
        From = SettingOrigin.Ours,
        Environment = "DIVOLTE_DATA_DIR",
        DefaultText = "`data`, or `data-PORT` when the HTTP port is not 8290",
        Example = "/var/lib/divolte")]
    public string DataDirectory { get; init; } = "data";

    /// <summary>When a client is answered. Default <c>durable</c>. Environment <c>DIVOLTE_ACKNOWLEDGE</c>. Each source may differ.</summary>
    [Setting("acknowledge", From = SettingOrigin.Ours, Environment = "DIVOLTE_ACKNOWLEDGE", Example = "received")]
    public Acknowledgement Acknowledge { get; init; } = Acknowledgement.Durable;

    /// <summary>What chooses the shard. Default <c>party</c>.</summary>
    [Setting("route_by", From = SettingOrigin.Ours, Environment = "DIVOLTE_ROUTE_BY", Example = "uri")]
    public RouteBy RouteBy { get; init; } = RouteBy.Party;

    /// <summary>Number of parts of the duplicate memory, spread over the silos. Default 64. Stored at the first start; a differing file is refused.</summary>
    [Setting("shards", From = SettingOrigin.Ours, Environment = "DIVOLTE_SHARDS", Minimum = 1, Maximum = 65535, Example = "256")]
    public int Shards { get; init; } = 64;

    /// <summary>Number of journal queues, 1 to <see cref="Shards"/>. Default 4 with the local store, 16 with Redis. Stored like <see cref="Shards"/>.</summary>
    [Setting(
        "queues",
        From = SettingOrigin.Ours,
        Environment = "DIVOLTE_QUEUES",
        Minimum = 1,
        Maximum = 65535,
        DefaultText = "4 with `local`, 16 with `redis`",
        Example = "8")]
    public int Queues { get; init; } = 4;

    /// <summary>How long a repetition is recognised, from first sight. Default 10 minutes.</summary>
    [Setting("duplicate_window", From = SettingOrigin.Ours, Environment = "DIVOLTE_DUPLICATE_WINDOW", Minimum = 0, Example = "30 minutes")]
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most events that the duplicate memory of the whole cluster holds. Default 4,000,000.</summary>
    [Setting(
        "duplicate_capacity",
        From = SettingOrigin.Ours,
        Environment = "DIVOLTE_DUPLICATE_CAPACITY",
        Minimum = 1,
        Unit = SettingUnit.Entries,
        Example = "8000000")]
    public int DuplicateCapacity { get; init; } = 4_000_000;

    /// <summary>The longest that a client waits for its answer. Default 500 ms, below the tag's own time-out.</summary>
    [Setting("answer_timeout", From = SettingOrigin.Ours, Environment = "DIVOLTE_ANSWER_TIMEOUT", Minimum = 1, Maximum = 600000, Example = "400 milliseconds")]
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    [Setting("spool", From = SettingOrigin.Ours)]
    public SpoolOptions Spool { get; init; } = new();

    [Setting("spill", From = SettingOrigin.Ours)]
    public SpillOptions Spill { get; init; } = new();

    /// <summary>Whether a silo serves HTTP. Default <c>auto</c>.</summary>
    [Setting("http", From = SettingOrigin.Ours, Environment = "DIVOLTE_HTTP", Example = "off")]
    public SiloHttp Http { get; init; } = SiloHttp.Auto;

    /// <summary>What <see cref="Http"/> means with this store: whether a silo opens the public port.</summary>
    public bool IsServingHttp => Http switch
    {
        SiloHttp.On => true,
        SiloHttp.Off => false,
        SiloHttp.Auto => Store == GridStore.Local,
        _ => throw new InvalidOperationException($"{Http} is no known value."),
    };
}

/// <summary><c>divolte.global.grid.spool</c>: where a frontend keeps events on disk while the grid is away.</summary>
public sealed record SpoolOptions
{
    /// <summary>Directory that survives the process. Default: none, no spool.</summary>
    [Setting("directory", From = SettingOrigin.Ours, Environment = "DIVOLTE_SPOOL_DIRECTORY", Example = "/var/spool/divolte")]
    public string? Directory { get; init; }

    /// <summary>Most bytes on disk; beyond it clients get 503. Default 1 GiB.</summary>
    [Setting(
        "maximum_size",
        From = SettingOrigin.Ours,
        Environment = "DIVOLTE_SPOOL_MAXIMUM_SIZE",
        Unit = SettingUnit.Bytes,
        Minimum = 1048576,
        Example = "4 GiB")]
    public long MaximumSizeBytes { get; init; } = 1L << 30;
}

/// <summary><c>divolte.global.grid.spill</c>: where the silos of a grid keep the backlog of sinks that have too much of it, see <see cref="SinkOptions.OnFull"/>.</summary>
public sealed record SpillOptions
{
    /// <summary>
    /// Directory that all silos of the grid share, such as a mounted volume; it must be there. Only with the store <c>redis</c>: with <c>local</c> it is
    /// <c>spill</c> in the data directory. Default: none, in a grid nothing spills. Environment <c>DIVOLTE_SPILL_DIRECTORY</c>.
    /// </summary>
    [Setting("directory", From = SettingOrigin.Ours, Environment = "DIVOLTE_SPILL_DIRECTORY", Example = "/mnt/divolte-spill")]
    public string? Directory { get; init; }
}

/// <summary>The store of journal, marks, progress and membership.</summary>
public enum GridStore
{
    /// <summary>Files in the data directory, for a single process.</summary>
    Local,

    /// <summary>A Redis server, for a grid of many processes.</summary>
    Redis,
}

/// <summary>What an answer of success promises.</summary>
public enum Acknowledgement
{
    /// <summary>The event is synced to stable storage.</summary>
    Durable,

    /// <summary>The event was received; it is lost when the frontend dies within the next moments.</summary>
    Received,
}

/// <summary>What chooses the shard of an event.</summary>
public enum RouteBy
{
    /// <summary>The party id: all events of a party stay in order.</summary>
    Party,

    /// <summary>The whole request URI, as a load balancer in front of upstream does.</summary>
    Uri,
}

/// <summary>Whether a silo serves HTTP.</summary>
public enum SiloHttp
{
    /// <summary>With the local store.</summary>
    Auto,

    /// <summary>Always.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}

/// <summary><c>divolte.global.admin</c>: the listener for operators. Not from upstream.</summary>
public sealed record AdminOptions
{
    /// <summary>Address to bind. Default 127.0.0.1, loopback. Environment <c>DIVOLTE_ADMIN_HOST</c>.</summary>
    [Setting("host", From = SettingOrigin.Ours, Environment = "DIVOLTE_ADMIN_HOST", Example = "0.0.0.0")]
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 takes a free one. Default 8291. Environment <c>DIVOLTE_ADMIN_PORT</c>.</summary>
    [Setting("port", From = SettingOrigin.Ours, Environment = "DIVOLTE_ADMIN_PORT", Minimum = 0, Maximum = 65535, Example = "9001")]
    public int Port { get; init; } = 8291;

    /// <summary>Bearer token for dashboard and status from other hosts. Default: none, loopback only. Environment <c>DIVOLTE_ADMIN_TOKEN</c>.</summary>
    [Setting("token", From = SettingOrigin.Ours, Environment = "DIVOLTE_ADMIN_TOKEN", IsSecret = true, Example = "…")]
    public string? Token { get; init; }
}
