using Divolte.Grains.Interfaces.Configuration.Binding;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>A sink with <c>type = gcs</c>: objects in a Google Cloud Storage bucket.</summary>
public sealed record GcsSinkOptions : FileSinkOptions
{
    /// <summary>Name of the bucket. Required. From upstream.</summary>
    [Setting("bucket", IsRequired = true, Example = "my-bucket")]
    public string Bucket { get; init; } = "";

    [Setting("retry_settings")]
    public GcsRetryOptions Retry { get; init; } = new();
}

/// <summary><c>divolte.sinks.NAME.retry_settings</c> of a <c>gcs</c> sink: how a failed request is repeated.</summary>
public sealed record GcsRetryOptions
{
    /// <summary>Most tries of one request; 0 is without limit. Default 0. From upstream.</summary>
    [Setting("max_attempts", Minimum = 0, Example = "9")]
    public int MaximumAttempts { get; init; }

    /// <summary>How long one request is tried. Default 10 minutes. From upstream.</summary>
    [Setting("total_timeout", Example = "2 minutes")]
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Wait before the first repetition. Default 1 second. From upstream.</summary>
    [Setting("initial_retry_delay", Example = "500 milliseconds")]
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>By how much each wait is longer than the one before. Default 2. From upstream.</summary>
    [Setting("retry_delay_multiplier", Example = "1.5")]
    public double DelayMultiplier { get; init; } = 2.0;

    /// <summary>The longest wait. Default 64 seconds. From upstream.</summary>
    [Setting("max_retry_delay", Example = "30 seconds")]
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromSeconds(64);

    /// <summary>
    /// By how much a wait may be longer or shorter. Default: absent with <see cref="JitterFactor"/>, else 1 second, but never more than the first wait.
    /// From upstream.
    /// </summary>
    [Setting("jitter_delay", DefaultText = "1 second, unless `jitter_factor` is set", Example = "200 milliseconds")]
    public TimeSpan? JitterDelay { get; init; }

    /// <summary>The same as a share of the wait, 0 to 1. Not together with <see cref="JitterDelay"/>. Default: absent. From upstream.</summary>
    [Setting("jitter_factor", Example = "0.1")]
    public double? JitterFactor { get; init; }

    /// <summary>The jitter that applies: <see cref="JitterDelay"/> or its default, null when <see cref="JitterFactor"/> is set.</summary>
    public TimeSpan? EffectiveJitterDelay =>
        JitterFactor is not null ? null : JitterDelay ?? (InitialDelay < TimeSpan.FromSeconds(1) ? InitialDelay : TimeSpan.FromSeconds(1));
}
