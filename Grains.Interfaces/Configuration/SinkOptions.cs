namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>Settings that every sink has: <c>divolte.sinks.NAME</c>.</summary>
public abstract record SinkOptions
{
    /// <summary>The key in <c>divolte.sinks</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Most bytes of the journal that may wait for this sink. Default 8 GiB. Not from upstream.</summary>
    public long BacklogMaximumBytes { get; init; } = 8L << 30;

    /// <summary>What happens beyond <see cref="BacklogMaximumBytes"/>. Default <c>detach</c>. Not from upstream.</summary>
    public BacklogOverflow OnFull { get; init; } = BacklogOverflow.Detach;

    /// <summary>Directory of this sink's dead letters. Default: absent, <c>dead-letters</c> in the data directory. Not from upstream.</summary>
    public string? DeadLetters { get; init; }
}

/// <summary>What happens when a sink's backlog is full.</summary>
public enum BacklogOverflow
{
    /// <summary>The sink's oldest backlog moves to its own spill files; the other sinks and the clients notice nothing.</summary>
    Detach,

    /// <summary>New events are answered with 503.</summary>
    Reject,
}

/// <summary>Settings of sinks that write files.</summary>
public abstract record FileSinkOptions : SinkOptions
{
    public FileStrategyOptions FileStrategy { get; init; } = new();
}

/// <summary><c>divolte.sinks.NAME.file_strategy</c>.</summary>
public sealed record FileStrategyOptions
{
    /// <summary>Directory of files being written. Default <c>/tmp</c>; for the implicit sink, <c>files/working</c> in the data directory. From upstream.</summary>
    public string WorkingDirectory { get; init; } = "/tmp";

    /// <summary>Directory of finished files. Default <c>/tmp</c>; for the implicit sink, <c>files</c> in the data directory. From upstream.</summary>
    public string PublishDirectory { get; init; } = "/tmp";

    /// <summary>When a file is finished and the next one begun. Default 1 hour; 1 minute for the implicit sink. From upstream.</summary>
    public TimeSpan RollEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Sync after so many records. Default 1000. From upstream.</summary>
    public int SyncFileAfterRecords { get; init; } = 1000;

    /// <summary>Sync so long after the first unsynced record. Default 30 seconds; 1 second for the implicit sink. From upstream.</summary>
    public TimeSpan SyncFileAfterDuration { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A sink with <c>type = hdfs</c>: the local file system, or HDFS when the client properties name one.</summary>
public sealed record HdfsSinkOptions : FileSinkOptions
{
    /// <summary>Replication of HDFS files. Default 3; 1 for the implicit sink. From upstream.</summary>
    public short Replication { get; init; } = 3;

    /// <summary>Whether this is the sink that exists because no <c>sinks</c> block does: its directories are made when missing.</summary>
    public bool IsImplicit { get; init; }
}

/// <summary>A sink with <c>type = kafka</c>.</summary>
public sealed record KafkaSinkOptions : SinkOptions
{
    /// <summary>Topic to write to. Default <c>divolte</c>. From upstream.</summary>
    public string Topic { get; init; } = "divolte";

    /// <summary>Framing of the message. Default <c>naked</c>. From upstream.</summary>
    public KafkaMode Mode { get; init; } = KafkaMode.Naked;

    /// <summary>How often a record may arrive. Default <c>at_least_once</c>. Not from upstream.</summary>
    public KafkaDelivery Delivery { get; init; } = KafkaDelivery.AtLeastOnce;
}

/// <summary>Framing of Kafka messages.</summary>
public enum KafkaMode
{
    /// <summary>Avro binary, nothing else.</summary>
    Naked,

    /// <summary>A zero byte and the schema's identifier in front.</summary>
    Confluent,
}

/// <summary>Delivery guarantee of a Kafka sink.</summary>
public enum KafkaDelivery
{
    /// <summary>Idempotent producer with <c>acks = all</c>; a crash may repeat records.</summary>
    AtLeastOnce,

    /// <summary>Transactions, with the progress inside them.</summary>
    ExactlyOnce,

    /// <summary>The user's own <c>acks</c> and <c>retries</c>.</summary>
    AsConfigured,
}
