using System.Globalization;
using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>
/// Rules of the Google Cloud sinks. Those of the client libraries that upstream uses apply only to sinks that are opened, as upstream
/// meets them only then.
/// </summary>
internal static class CloudSinkRules
{
    /// <summary>Makes a violation unless the rule is kept.</summary>
    public delegate ConfigurationViolation? Rule(bool isKept, ConfigurationPath path, string message, string? found);

    public static IEnumerable<ConfigurationViolation?> Check(SinkOptions sink, ConfigurationPath path, bool isWritten, Rule unless) => sink switch
    {
        GcsSinkOptions gcs => Gcs(gcs, path, isWritten, unless),
        PubSubSinkOptions pubSub when isWritten => PubSub(pubSub, path, unless),
        _ => [],
    };

    private static IEnumerable<ConfigurationViolation?> Gcs(GcsSinkOptions sink, ConfigurationPath path, bool isWritten, Rule unless)
    {
        var (retry, at) = (sink.Retry, path.Key("retry_settings"));
        var jitters = $"jitter_delay = {Show(retry.JitterDelay)}, jitter_factor = {Show(retry.JitterFactor)}";
        yield return unless(retry.JitterDelay is null || retry.JitterFactor is null, at, "cannot have both jitter_delay and jitter_factor", jitters);
        if (!isWritten)
            yield break;

        var first = $"initial_retry_delay, {Show(retry.InitialDelay)}";
        yield return unless(sink.Bucket.Length > 0, path.Key("bucket"), "must name a bucket", sink.Bucket);
        yield return Must(retry.InitialDelay > TimeSpan.Zero, "initial_retry_delay", "must be longer than nothing", retry.InitialDelay);
        yield return Must(retry.InitialDelay < retry.MaximumDelay, "max_retry_delay", $"must be longer than {first}", retry.MaximumDelay);
        yield return Must(retry.DelayMultiplier > 1, "retry_delay_multiplier", "must be greater than 1", retry.DelayMultiplier);
        yield return Must(retry.TotalTimeout > retry.InitialDelay, "total_timeout", $"must be longer than {first}", retry.TotalTimeout);
        yield return Must(
            retry.JitterDelay is not { } jitter || (jitter > TimeSpan.Zero && jitter <= retry.InitialDelay),
            "jitter_delay",
            $"must be longer than nothing and at most {first}",
            retry.JitterDelay);
        yield return Must(retry.JitterFactor is not { } factor || factor is >= 0 and <= 1, "jitter_factor", "must be from 0 to 1", retry.JitterFactor);

        ConfigurationViolation? Must(bool isKept, string key, string message, object? found) => unless(isKept, at.Key(key), message, Show(found));
    }

    private static IEnumerable<ConfigurationViolation?> PubSub(PubSubSinkOptions sink, ConfigurationPath path, Rule unless)
    {
        var (retry, batching) = (sink.Retry, sink.Batching);
        yield return unless(sink.Topic.Length > 0, path.Key("topic"), "must name a topic", sink.Topic);
        yield return Retry(
            retry.TotalTimeout == TimeSpan.Zero || retry.TotalTimeout >= TimeSpan.FromSeconds(10), "total_timeout", "must be at least 10 seconds, or 0", retry.TotalTimeout);
        yield return Retry(
            retry.InitialDelay >= TimeSpan.Zero && retry.InitialDelay <= retry.MaximumDelay,
            "initial_retry_delay",
            $"must be from 0 to max_retry_delay, {Show(retry.MaximumDelay)}",
            retry.InitialDelay);
        yield return Retry(retry.DelayMultiplier >= 1, "retry_delay_multiplier", "must be at least 1", retry.DelayMultiplier);
        yield return Retry(
            retry.InitialCallTimeout >= TimeSpan.FromMilliseconds(10) && retry.InitialCallTimeout <= retry.EffectiveMaximumCallTimeout,
            "initial_rpc_timeout",
            $"must be at least 10 milliseconds and at most max_rpc_timeout, {Show(retry.EffectiveMaximumCallTimeout)}",
            retry.InitialCallTimeout);
        yield return Retry(retry.CallTimeoutMultiplier >= 1, "rpc_timeout_multiplier", "must be at least 1", retry.CallTimeoutMultiplier);
        yield return Batching(batching.ElementCountThreshold >= 1, "element_count_threshold", "must be at least 1", batching.ElementCountThreshold);
        yield return Batching(batching.RequestBytesThreshold >= 1, "request_bytes_threshold", "must be at least 1", batching.RequestBytesThreshold);
        yield return Batching(batching.DelayThreshold >= TimeSpan.FromMilliseconds(1), "delay_threshold", "must be at least 1 millisecond", batching.DelayThreshold);

        ConfigurationViolation? Retry(bool isKept, string key, string message, object found) =>
            unless(isKept, path.Key("retry_settings").Key(key), message, Show(found));
        ConfigurationViolation? Batching(bool isKept, string key, string message, object found) =>
            unless(isKept, path.Key("batching_settings").Key(key), message, Show(found));
    }

    private static string? Show(object? value) =>
        value is TimeSpan duration ? HoconDuration.Format(duration) : Convert.ToString(value, CultureInfo.InvariantCulture);
}
