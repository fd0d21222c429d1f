using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>Settings that every sink has: <c>divolte.sinks.NAME</c>.</summary>
public abstract record SinkOptions
{
    /// <summary>The key in <c>divolte.sinks</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Most bytes of the journal that may wait for this sink. Default 8 GiB. Not from upstream.</summary>
    [Setting("backlog_maximum", From = SettingOrigin.Ours, Unit = SettingUnit.Bytes, Minimum = 1048576, Example = "2 GiB")]
    public long BacklogMaximumBytes { get; init; } = 8L << 30;

    /// <summary>What happens beyond <see cref="BacklogMaximumBytes"/>. Default <c>detach</c>. Not from upstream.</summary>
    [Setting("on_full", From = SettingOrigin.Ours, Example = "reject")]
    public BacklogOverflow OnFull { get; init; } = BacklogOverflow.Detach;

    /// <summary>
    /// Where records go that the destination refuses for good: a directory, or for Kafka sinks also <c>topic:NAME</c>.
    /// Default: absent, <c>dead-letters</c> in the data directory. Not from upstream.
    /// </summary>
    [Setting("dead_letters", From = SettingOrigin.Ours, Example = "/var/lib/divolte/refused")]
    public string? DeadLetters { get; init; }

    /// <summary>The topic that <see cref="DeadLetters"/> names; null when it names a directory.</summary>
    public string? DeadLetterTopic => DeadLetters?.StartsWith("topic:", StringComparison.Ordinal) == true ? DeadLetters["topic:".Length..] : null;
}

/// <summary>What happens when a sink's backlog is full.</summary>
public enum BacklogOverflow
{
    /// <summary>The sink's oldest backlog moves to its own spill files in the data directory; the other sinks and the clients notice nothing. With the store in Redis they are in `divolte.global.grid.spill.directory`, and the backlog stays in Redis without one; they also take what fills more than half of it.</summary>
    Detach,

    /// <summary>New events are answered with 503.</summary>
    Reject,
}

/// <summary>Settings of sinks that write files.</summary>
public abstract record FileSinkOptions : SinkOptions
{
    [Setting("file_strategy")]
    public FileStrategyOptions FileStrategy { get; init; } = new();
}

/// <summary><c>divolte.sinks.NAME.file_strategy</c>: where files are and when they are finished.</summary>
public sealed record FileStrategyOptions
{
    /// <summary>
    /// Directory of files being written. Default <c>/tmp</c>; for the implicit sink, <c>files/working</c> in the data directory. From upstream.
    /// </summary>
    [Setting("working_dir", Example = "/srv/divolte/working")]
    public string WorkingDirectory { get; init; } = "/tmp";

    /// <summary>Directory of finished files. Default <c>/tmp</c>; for the implicit sink, <c>files</c> in the data directory. From upstream.</summary>
    [Setting("publish_dir", Example = "/srv/divolte/published")]
    public string PublishDirectory { get; init; } = "/tmp";

    /// <summary>When a file is finished and the next one begun. Default 1 hour; 1 minute for the implicit sink. From upstream.</summary>
    [Setting("roll_every", Minimum = 1, Example = "10 minutes")]
    public TimeSpan RollEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Sync after so many records. Default 1000. From upstream.</summary>
    [Setting("sync_file_after_records", Unit = SettingUnit.Entries, Example = "100")]
    public int SyncFileAfterRecords { get; init; } = 1000;

    /// <summary>Sync so long after the first unsynced record. Default 30 seconds; 1 second for the implicit sink. From upstream.</summary>
    [Setting("sync_file_after_duration", Example = "5 seconds")]
    public TimeSpan SyncFileAfterDuration { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A sink with <c>type = hdfs</c>: the local file system, or HDFS when the client properties name one.</summary>
public sealed record HdfsSinkOptions : FileSinkOptions
{
    /// <summary>Replication of HDFS files. Default 3; 1 for the implicit sink. From upstream.</summary>
    [Setting("replication", Example = "2")]
    public short Replication { get; init; } = 3;

    /// <summary>Whether this is the sink that exists because no <c>sinks</c> block does: its directories are made when missing.</summary>
    public bool IsImplicit { get; init; }
}

/// <summary>A sink with <c>type = kafka</c>; all of them share <c>divolte.global.kafka.producer</c>.</summary>
public sealed record KafkaSinkOptions : SinkOptions
{
    /// <summary>Topic to write to. Default <c>divolte</c>. From upstream.</summary>
    [Setting("topic", Example = "clicks")]
    public string Topic { get; init; } = "divolte";

    /// <summary>Framing of the message. Default <c>naked</c>. From upstream.</summary>
    [Setting("mode", Example = "confluent")]
    public KafkaMode Mode { get; init; } = KafkaMode.Naked;

    /// <summary>How often a record may arrive. Default <c>at_least_once</c>. Not from upstream.</summary>
    [Setting("delivery", From = SettingOrigin.Ours, Example = "exactly_once")]
    public KafkaDelivery Delivery { get; init; } = KafkaDelivery.AtLeastOnce;
}

/// <summary>Framing of Kafka messages.</summary>
public enum KafkaMode
{
    /// <summary>Nothing but Avro binary.</summary>
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
