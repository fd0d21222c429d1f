using System.Net;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Telemetry;
using Divolte.Grains.Interfaces.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class BrowserEventAllocationTests
{
    /// <summary>What the enumeration of the request headers costs behind its interface, and as much again to spare.</summary>
    private const int BytesPerEventMax = 200;

    private const string Target =
        "/csc-event?p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId1&c=i1t8q2b6&n=f&f=f"
        + "&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=1.i&w=uq&h=qd&t=custom&u=(sfoo!b~!r!da!16!)&x=fn3dfo";

    [Fact]
    public void Event_TakesNothingFromTheHeapThatAPoolCanServe()
    {
        using var metrics = new FrontendMetrics();
        var pipeline = FrontendPipeline.Build(
            new DivolteConfiguration(), Take, new ShutdownDrain(TimeProvider.System), metrics, TimeProvider.System, NullLoggerFactory.Instance).Requests;
        var context = Request();
        const int count = 1000;
        for (var warm = 0; warm < count; warm++)
            Handle(pipeline, context);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var handled = 0; handled < count; handled++)
            Handle(pipeline, context);
        var perEvent = (GC.GetAllocatedBytesForCurrentThread() - before) / count;

        Assert.InRange(perEvent, 0, BytesPerEventMax);
    }

    private static ValueTask<SubmitOutcome> Take(Span<byte> frame, Acknowledgement acknowledge) => ValueTask.FromResult(SubmitOutcome.Durable);

    private static void Handle(RequestDelegate pipeline, DefaultHttpContext context)
    {
        context.Response.Headers.Clear();
        Assert.True(pipeline(context).IsCompletedSuccessfully);
    }

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = Target;
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        context.Request.Method = "GET";
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Headers.UserAgent = "Mozilla/5.0 (X11; Linux x86_64)";
        context.Request.Headers.Cookie = "_dvp=0:i1t84hgy:party; _dvs=0:i1t84hgy:session";
        return context;
    }
}
