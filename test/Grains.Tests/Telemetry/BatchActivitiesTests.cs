using System.Diagnostics;
using Divolte.Grains.Telemetry;
using Xunit;

namespace Divolte.Grains.Tests.Telemetry;

public sealed class BatchActivitiesTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(1);

    [Fact]
    public void NobodyListens_NothingIsMadeAndNothingAllocated()
    {
        Make();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var made = Make();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(made);

        static bool Make()
        {
            using var intake = BatchActivities.StartIntake(5, isForwarded: false);
            var append = BatchActivities.StartAppend("local", 2);
            BatchActivities.End(append, trouble: null);
            BatchActivities.TellWrite("files", 1, 5, Start, trouble: null);
            return intake is not null || append is not null;
        }
    }

    [Fact]
    public void Spans_TellCountsAndTrouble()
    {
        var spans = Listen(() =>
        {
            BatchActivities.StartIntake(5, isForwarded: true)?.Dispose();
            BatchActivities.End(BatchActivities.StartAppend("redis", 2), "Redis is away");
            BatchActivities.TellWrite("files", 1, 7, Start, trouble: null);
        });

        Assert.Equal([BatchActivities.Intake, BatchActivities.Append, BatchActivities.Write], spans.Select(span => span.OperationName));
        Assert.Equal((5, true), (spans[0].GetTagItem("divolte.events"), spans[0].GetTagItem("divolte.forwarded")));
        Assert.Equal(("redis", 2), (spans[1].GetTagItem("divolte.store"), spans[1].GetTagItem("divolte.appends")));
        Assert.Equal((ActivityStatusCode.Error, "Redis is away"), (spans[1].Status, spans[1].StatusDescription));
        Assert.Equal(("files", 1, 7), (spans[2].GetTagItem("divolte.sink"), spans[2].GetTagItem("divolte.queue"), spans[2].GetTagItem("divolte.records")));
        Assert.Equal((ActivityStatusCode.Unset, Start.UtcDateTime), (spans[2].Status, spans[2].StartTimeUtc));
    }

    [Fact]
    public void Intake_IsPartOfItsCaller_AndTheOthersAreTracesOfTheirOwn()
    {
        using var caller = new Activity("caller").Start();

        var spans = Listen(() =>
        {
            BatchActivities.StartIntake(1, isForwarded: false)?.Dispose();
            BatchActivities.TellWrite("files", 0, 1, Start, trouble: null);
            BatchActivities.End(BatchActivities.StartAppend("local", 1), trouble: null);
        });

        Assert.Equal([caller.SpanId, default, default], spans.Select(span => span.ParentSpanId));
        Assert.Equal(3, spans.Select(span => span.TraceId).Distinct().Count());
        Assert.Equal(caller.TraceId, spans[0].TraceId);
    }

    /// <summary>The spans that an action ends.</summary>
    private static List<Activity> Listen(Action action)
    {
        var spans = new List<Activity>();
        var thread = Environment.CurrentManagedThreadId;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Divolte.Grains",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (Environment.CurrentManagedThreadId == thread)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        action();
        return spans;
    }
}
