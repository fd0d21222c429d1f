using System.Diagnostics;

namespace Divolte.Grains.Telemetry;

/// <summary>
/// Spans of batches, for whoever traces: never of a single event. While nobody listens each costs a comparison and no memory. They carry counts, never what
/// visitors sent.
/// </summary>
internal static class BatchActivities
{
    public const string Intake = "divolte.intake";
    public const string Append = "divolte.journal.append";
    public const string Write = "divolte.sink.write";

    private static readonly ActivitySource Source = new("Divolte.Grains");

    /// <summary>A batch of events on its way through the shards of a silo, up to its verdicts. Part of the trace of the call that brought it.</summary>
    public static Activity? StartIntake(int events, bool isForwarded)
    {
        var activity = Source.StartActivity(Intake);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("divolte.events", events);
            activity.SetTag("divolte.forwarded", isForwarded);
        }
        return activity;
    }

    /// <summary>One write and sync of the journal. It carries appends of many batches, so it is a trace of its own.</summary>
    /// <param name="store">Which journal.</param>
    /// <param name="appends">How many appends share it.</param>
    public static Activity? StartAppend(string store, int appends)
    {
        var activity = StartRoot(Append, default);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("divolte.store", store);
            activity.SetTag("divolte.appends", appends);
        }
        return activity;
    }

    /// <summary>Ends a span, as an error when there was trouble.</summary>
    public static void End(Activity? activity, string? trouble)
    {
        if (activity is null)
            return;
        if (trouble is not null)
            activity.SetStatus(ActivityStatusCode.Error, trouble);
        activity.Dispose();
    }

    /// <summary>A sink's batch has its outcome. Several are under way at a time, so it is told afterwards, as a trace of its own.</summary>
    /// <param name="sink">Name of the sink.</param>
    /// <param name="queue">Number of the queue.</param>
    /// <param name="records">How many records.</param>
    /// <param name="startedAt">When the destination got them.</param>
    /// <param name="trouble">Why they are written again; null when they are not.</param>
    public static void TellWrite(string sink, int queue, int records, DateTimeOffset startedAt, string? trouble)
    {
        var activity = StartRoot(Write, startedAt);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("divolte.sink", sink);
            activity.SetTag("divolte.queue", queue);
            activity.SetTag("divolte.records", records);
        }
        End(activity, trouble);
    }

    /// <summary>Starts a trace, whatever the caller is part of: who runs for long would otherwise be part of the call that once started it.</summary>
    private static Activity? StartRoot(string name, DateTimeOffset startedAt)
    {
        if (!Source.HasListeners())
            return null;
        Activity.Current = null;
        return Source.StartActivity(name, ActivityKind.Internal, default(ActivityContext), startTime: startedAt);
    }
}
