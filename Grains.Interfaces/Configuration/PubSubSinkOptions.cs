using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>A sink with <c>type = gcps</c>: a Google Cloud Pub/Sub topic.</summary>
public sealed record PubSubSinkOptions : SinkOptions
{
    /// <summary>Topic to publish to, without the project. Default <c>divolte</c>. From upstream.</summary>
    [Setting("topic", Example = "clicks")]
    public string Topic { get; init; } = "divolte";

    [Setting("retry_settings")]
    public PubSubRetryOptions Retry { get; init; } = new();

    [Setting("batching_settings")]
    public PubSubBatchingOptions Batching { get; init; } = new();
}

/// <summary><c>divolte.sinks.NAME.retry_settings</c> of a <c>gcps</c> sink: how a failed call is repeated.</summary>
public sealed record PubSubRetryOptions
{
    /// <summary>Most tries of one call; 0 is without limit. Default 0. From upstream.</summary>
    [Setting("max_attempts", Minimum = 0, Example = "9")]
    public int MaximumAttempts { get; init; }

    /// <summary>How long one call is tried; at least 10 seconds, or 0. Default 10 seconds. From upstream.</summary>
    [Setting("total_timeout", Example = "1 minute")]
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait before the first repetition. Default 5 milliseconds. From upstream.</summary>
    [Setting("initial_retry_delay", Example = "10 milliseconds")]
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>By how much each wait is longer than the one before; at least 1. Default 2. From upstream.</summary>
    [Setting("retry_delay_multiplier", Example = "1.5")]
    public double DelayMultiplier { get; init; } = 2.0;

    /// <summary>The longest wait. Default 1 minute. From upstream.</summary>
    [Setting("max_retry_delay", Example = "30 seconds")]
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the first call may take; at least 10 ms. Default 15 seconds. From upstream.</summary>
    [Setting("initial_rpc_timeout", Example = "10 seconds")]
    public TimeSpan InitialCallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>By how much longer each repeated call may take; at least 1. Default 2. From upstream.</summary>
    [Setting("rpc_timeout_multiplier", Example = "1")]
    public double CallTimeoutMultiplier { get; init; } = 2.0;

    /// <summary>The longest that a call may take. Default: the value of <see cref="InitialCallTimeout"/>. From upstream.</summary>
    [Setting("max_rpc_timeout", DefaultText = "the value of `initial_rpc_timeout`", Example = "30 seconds")]
    public TimeSpan? MaximumCallTimeout { get; init; }

    /// <summary><see cref="MaximumCallTimeout"/> or its default.</summary>
    public TimeSpan EffectiveMaximumCallTimeout => MaximumCallTimeout ?? InitialCallTimeout;
}

/// <summary><c>divolte.sinks.NAME.batching_settings</c> of a <c>gcps</c> sink: when a request is full.</summary>
public sealed record PubSubBatchingOptions
{
    /// <summary>Messages in one request; at least 1. Default 100. From upstream.</summary>
    [Setting("element_count_threshold", Unit = SettingUnit.Entries, Example = "500")]
    public long ElementCountThreshold { get; init; } = 100;

    /// <summary>Bytes in one request; at least 1. Default 1000. From upstream.</summary>
    [Setting("request_bytes_threshold", Unit = SettingUnit.Bytes, Example = "64 KiB")]
    public long RequestBytesThreshold { get; init; } = 1000;

    /// <summary>How long a request waits for more messages; at least 1 ms. Default 1 millisecond. From upstream.</summary>
    [Setting("delay_threshold", Example = "10 milliseconds")]
    public TimeSpan DelayThreshold { get; init; } = TimeSpan.FromMilliseconds(1);
}
