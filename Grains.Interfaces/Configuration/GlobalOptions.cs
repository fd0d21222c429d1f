using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary><c>divolte.global</c>: what is shared by all sources, mappings and sinks.</summary>
public sealed record GlobalOptions
{
    [Setting("server")]
    public ServerOptions Server { get; init; } = new();

    [Setting("mapper")]
    public MapperOptions Mapper { get; init; } = new();

    [Setting("hdfs")]
    public HdfsOptions Hdfs { get; init; } = new();

    [Setting("gcs")]
    public SinkTypeOptions Gcs { get; init; } = new() { IsEnabled = false, Threads = 1 };

    [Setting("kafka")]
    public KafkaOptions Kafka { get; init; } = new();

    [Setting("gcps")]
    public PubSubOptions Gcps { get; init; } = new();

    [Setting("grid", From = SettingOrigin.Ours)]
    public GridOptions Grid { get; init; } = new();

    [Setting("admin", From = SettingOrigin.Ours)]
    public AdminOptions Admin { get; init; } = new();
}

/// <summary><c>divolte.global.server</c>: the public HTTP listener.</summary>
public sealed record ServerOptions
{
    /// <summary>Address to bind; <c>0.0.0.0</c> for all interfaces. Default: absent, loopback only. From upstream.</summary>
    [Setting("host", Example = "0.0.0.0")]
    public string? Host { get; init; }

    /// <summary>TCP port; 0 takes a free one. Default 8290. Environment <c>DIVOLTE_PORT</c>. From upstream.</summary>
    [Setting("port", Minimum = 0, Maximum = 65535, Environment = "DIVOLTE_PORT", Example = "9000")]
    public int Port { get; init; } = 8290;

    /// <summary>Take the client's address from the last element of the last <c>X-Forwarded-For</c>. Default false. From upstream.</summary>
    [Setting("use_x_forwarded_for", Example = "true")]
    public bool UseXForwardedFor { get; init; }

    /// <summary>Serve the test page at <c>/</c>. Default true. From upstream.</summary>
    [Setting("serve_static_resources", Example = "false")]
    public bool ServeStaticResources { get; init; } = true;

    /// <summary>Log every request and answer. Default false. From upstream.</summary>
    [Setting("debug_requests", Example = "true")]
    public bool DebugRequests { get; init; }

    /// <summary>How long <c>/ping</c> answers 503 before new requests are refused. Default 0. From upstream.</summary>
    [Setting("shutdown_delay", Example = "20 seconds")]
    public TimeSpan ShutdownDelay { get; init; } = TimeSpan.Zero;

    /// <summary>How long requests under way may take to end at shutdown. Default 2 minutes. From upstream.</summary>
    [Setting("shutdown_timeout", Example = "5 seconds")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary><c>divolte.global.mapper</c>: what upstream does in its mapper threads.</summary>
public sealed record MapperOptions
{
    /// <summary>Events that may wait per thread upstream; here the bound of each queue's buffer in front of a sink. Default 1,048,576. From upstream.</summary>
    [Setting("buffer_size", Minimum = 1, Unit = SettingUnit.Entries, Example = "65536")]
    public int BufferSize { get; init; } = 1_048_576;

    /// <summary>Mapper threads upstream; here without effect, accepted so that existing files start. Default 1. From upstream.</summary>
    [Setting("threads", Minimum = 1, Example = "4")]
    public int Threads { get; init; } = 1;

    /// <summary>The least number of events that the duplicate memory holds, whatever their age. Default 1,000,000. From upstream.</summary>
    [Setting("duplicate_memory_size", Minimum = 1, Unit = SettingUnit.Entries, Example = "2000000")]
    public int DuplicateMemorySize { get; init; } = 1_000_000;

    /// <summary>MaxMind database for <c>ip2geo</c>. Default: absent. From upstream.</summary>
    [Setting("ip2geo_database", Example = "/etc/divolte/GeoLite2-City.mmdb")]
    public string? Ip2GeoDatabase { get; init; }

    /// <summary>
    /// Whether a field of a schema may have a default that does not fit its type, as older Avro libraries allowed: it is taken for the branch that it
    /// fits, else as no default. Default false, as upstream: such a schema is refused.
    /// </summary>
    [Setting("tolerate_schema_defaults", From = SettingOrigin.Ours, Environment = "DIVOLTE_TOLERATE_SCHEMA_DEFAULTS", Example = "true")]
    public bool ToleratesSchemaDefaults { get; init; }

    /// <summary>
    /// Whether a piece that is added to digests more than once counts every time. Default false, as upstream: per event only the first time, so that
    /// pseudonyms stay the same.
    /// </summary>
    [Setting("repeat_digest_pieces", From = SettingOrigin.Ours, Environment = "DIVOLTE_REPEAT_DIGEST_PIECES", Example = "true")]
    public bool RepeatsDigestPieces { get; init; }

    [Setting("user_agent_parser")]
    public UserAgentParserOptions UserAgentParser { get; init; } = new();
}

/// <summary><c>divolte.global.mapper.user_agent_parser</c>: where the fields of <c>userAgent()</c> come from.</summary>
public sealed record UserAgentParserOptions
{
    /// <summary>
    /// Which rules tell browsers and devices apart; the online ones no longer exist, and all mean the built-in rules. Default <c>non_updating</c>. From upstream.
    /// </summary>
    [Setting("type", IgnoresCase = true, Example = "non_updating")]
    public UserAgentParserType Type { get; init; } = UserAgentParserType.NonUpdating;

    /// <summary>How many different user-agent strings are cached. Default 1000. From upstream.</summary>
    [Setting("cache_size", Minimum = 0, Unit = SettingUnit.Entries, Example = "10000")]
    public int CacheSize { get; init; } = 1000;

    /// <summary>Whether the headers <c>Sec-CH-UA*</c> refine what <c>User-Agent</c> says of a browser. Default false. Not from upstream.</summary>
    [Setting("client_hints", From = SettingOrigin.Ours, Example = "true")]
    public bool ClientHints { get; init; }
}

/// <summary>Kinds of user-agent databases upstream; the online ones no longer exist, and all mean our built-in rules.</summary>
public enum UserAgentParserType
{
    NonUpdating,
    OnlineUpdating,
    CachingAndUpdating,
}

/// <summary>What the four types of sinks share.</summary>
public record SinkTypeOptions
{
    /// <summary>Whether sinks of this type are opened. Default false; <c>hdfs</c>: true. From upstream.</summary>
    [Setting("enabled", Example = "true")]
    public bool IsEnabled { get; init; }

    /// <summary>Worker threads per sink upstream; here how many files a file sink writes at a time. Default 2 (<c>gcs</c>: 1). From upstream.</summary>
    [Setting("threads", Minimum = 1, Example = "4")]
    public int Threads { get; init; } = 2;

    /// <summary>Records that may wait per sink and queue in memory. Default 1,048,576. From upstream.</summary>
    [Setting("buffer_size", Minimum = 1, Unit = SettingUnit.Entries, Example = "65536")]
    public int BufferSize { get; init; } = 1_048_576;
}

/// <summary><c>divolte.global.hdfs</c>: beside what all types share.</summary>
public sealed record HdfsOptions : SinkTypeOptions
{
    public HdfsOptions() => IsEnabled = true;

    /// <summary>Properties of the file system client; <c>fs.defaultFS</c> names the file system. Default: absent, the local file system. From upstream.</summary>
    [Setting("client", Example = "{ fs.defaultFS = \"file:///\" }")]
    public IReadOnlyDictionary<string, string>? Client { get; init; }
}

/// <summary><c>divolte.global.kafka</c>: beside what all types share.</summary>
public sealed record KafkaOptions : SinkTypeOptions
{
    /// <summary>
    /// Properties of the producer, with the names of Java's client; each replaces the built-in one of its name. The environment gives
    /// <c>bootstrap.servers</c> and <c>client.id</c>. With <c>acks</c>, <c>retries</c>, <c>enable.idempotence</c> and
    /// <c>delivery.timeout.ms</c>, see <c>delivery</c> of the sink; serializers, partitioner and <c>transactional.id</c> are the sink's own. One warning
    /// names what is overruled and what is used instead. Where <c>linger.ms</c> is not given, a sink that delivers at least once waits 25 ms for larger
    /// batches.
    /// Default: <c>bootstrap.servers = "localhost:9092"</c>, <c>client.id = divolte.collector</c>, <c>acks = 1</c>, <c>retries = 0</c>,
    /// <c>compression.type = lz4</c>, <c>max.in.flight.requests.per.connection = 1</c>. From upstream.
    /// </summary>
    [Setting("producer", Example = "{ bootstrap.servers = [\"k1:9092\", \"k2:9092\"] }")]
    public IReadOnlyDictionary<string, string> Producer { get; init; } = new Dictionary<string, string>
    {
        ["bootstrap.servers"] = "localhost:9092",
        ["client.id"] = "divolte.collector",
        ["acks"] = "1",
        ["retries"] = "0",
        ["compression.type"] = "lz4",
        ["max.in.flight.requests.per.connection"] = "1",
    };
}

/// <summary><c>divolte.global.gcps</c>: beside what all types share.</summary>
public sealed record PubSubOptions : SinkTypeOptions
{
    /// <summary>
    /// Google Cloud project. Default: absent, what <c>GOOGLE_CLOUD_PROJECT</c> or the file <c>GOOGLE_APPLICATION_CREDENTIALS</c> names. From upstream.
    /// </summary>
    [Setting("project_id", Example = "my-project")]
    public string? ProjectId { get; init; }
}
