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
        yield return unless(retry.JitterDelay is null || retry.JitterFactor is null, at, "cannot have both jitter_delay and jitter_factor", $"jitter_delay = {Show(retry.JitterDelay)}, jitter_factor = {Show(retry.JitterFactor)}");
        if (!isWritten)
            yield break;
        yield return unless(sink.Bucket.Length > 0, path.Key("bucket"), "must name a bucket", sink.Bucket);
        yield return unless(retry.InitialDelay > TimeSpan.Zero, at.Key("initial_retry_delay"), "must be longer than nothing", Show(retry.InitialDelay));
        yield return unless(retry.InitialDelay < retry.MaximumDelay, at.Key("max_retry_delay"), $"must be longer than initial_retry_delay, {Show(retry.InitialDelay)}", Show(retry.MaximumDelay));
        yield return unless(retry.DelayMultiplier > 1, at.Key("retry_delay_multiplier"), "must be greater than 1", Show(retry.DelayMultiplier));
        yield return unless(retry.TotalTimeout > retry.InitialDelay, at.Key("total_timeout"), $"must be longer than initial_retry_delay, {Show(retry.InitialDelay)}", Show(retry.TotalTimeout));
        yield return unless(
            retry.JitterDelay is not { } jitter || (jitter > TimeSpan.Zero && jitter <= retry.InitialDelay),
            at.Key("jitter_delay"),
            $"must be longer than nothing and at most initial_retry_delay, {Show(retry.InitialDelay)}",
            Show(retry.JitterDelay));
        yield return unless(retry.JitterFactor is not { } factor || factor is >= 0 and <= 1, at.Key("jitter_factor"), "must be from 0 to 1", Show(retry.JitterFactor));
    }

    private static IEnumerable<ConfigurationViolation?> PubSub(PubSubSinkOptions sink, ConfigurationPath path, Rule unless)
    {
        var (retry, batching) = (sink.Retry, sink.Batching);
        var (retryAt, batchingAt) = (path.Key("retry_settings"), path.Key("batching_settings"));
        yield return unless(sink.Topic.Length > 0, path.Key("topic"), "must name a topic", sink.Topic);
        yield return unless(retry.TotalTimeout == TimeSpan.Zero || retry.TotalTimeout >= TimeSpan.FromSeconds(10), retryAt.Key("total_timeout"), "must be at least 10 seconds, or 0", Show(retry.TotalTimeout));
        yield return unless(retry.InitialDelay >= TimeSpan.Zero && retry.InitialDelay <= retry.MaximumDelay, retryAt.Key("initial_retry_delay"), $"must be from 0 to max_retry_delay, {Show(retry.MaximumDelay)}", Show(retry.InitialDelay));
        yield return unless(retry.DelayMultiplier >= 1, retryAt.Key("retry_delay_multiplier"), "must be at least 1", Show(retry.DelayMultiplier));
        yield return unless(
            retry.InitialCallTimeout >= TimeSpan.FromMilliseconds(10) && retry.InitialCallTimeout <= retry.EffectiveMaximumCallTimeout,
            retryAt.Key("initial_rpc_timeout"),
            $"must be at least 10 milliseconds and at most max_rpc_timeout, {Show(retry.EffectiveMaximumCallTimeout)}",
            Show(retry.InitialCallTimeout));
        yield return unless(retry.CallTimeoutMultiplier >= 1, retryAt.Key("rpc_timeout_multiplier"), "must be at least 1", Show(retry.CallTimeoutMultiplier));
        yield return unless(batching.ElementCountThreshold >= 1, batchingAt.Key("element_count_threshold"), "must be at least 1", Show(batching.ElementCountThreshold));
        yield return unless(batching.RequestBytesThreshold >= 1, batchingAt.Key("request_bytes_threshold"), "must be at least 1", Show(batching.RequestBytesThreshold));
        yield return unless(batching.DelayThreshold >= TimeSpan.FromMilliseconds(1), batchingAt.Key("delay_threshold"), "must be at least 1 millisecond", Show(batching.DelayThreshold));
    }

    private static string? Show(object? value) => value is TimeSpan duration ? HoconDuration.Format(duration) : Convert.ToString(value, CultureInfo.InvariantCulture);
}
