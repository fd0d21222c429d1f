using System.Text;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Interfaces.Identity;
using Divolte.TestKit.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Frontend.Tests.Browser;

public sealed class BrowserEventEndpointTests
{
    private const string Complete =
        "/csc-event?p=0%3AI1T84HGY%3Aparty&s=0%3A%2Bi1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId1&c=i1t8q2b6&n=t&f=f"
        + "&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=1.i&w=uq&h=qd&t=custom&u=(sfoo!b~!r!da!16!)&utm=a%20b&t=second";

    [Fact]
    public async Task CompleteEvent_IsSubmittedWithEverythingAndAnsweredWithThePixel()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync(Complete, "X-Multi: a\r\nUser-Agent: caf\u00e9\r\nX-Multi: b, c\r\n");

        Assert.Equal(200, answer.Status);
        Assert.Equal("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==", Convert.ToBase64String(answer.Body));
        Assert.Equal("divolte", answer.Header("Server"));
        Assert.Equal("image/gif", answer.Header("Content-Type"));
        Assert.Equal("\"6b3edc43-20ec-4078-bc47-e965dd76b88a\"", answer.Header("ETag"));
        Assert.Equal("private, no-cache, proxy-revalidate", answer.Header("Cache-Control"));
        Assert.Equal("no-cache", answer.Header("Pragma"));
        Assert.Equal("Fri, 14 Apr 1995 11:30:00 GMT", answer.Header("Expires"));
        var frame = EventFrameReader.Parse(Assert.Single(frontend.Frames));
        Assert.Equal(FrameFlags.Corrupt | FrameFlags.NewParty, frame.Flags);
        Assert.Equal(1414499908146, frame.ClientTime);
        Assert.Equal("browser", Text(frame[FrameSlot.Source]));
        Assert.Equal("0:i1t84hgy:party", Text(frame[FrameSlot.PartyId]));
        Assert.Equal("0:i1t84hgy:session", Text(frame[FrameSlot.SessionId]));
        Assert.Equal("0:eventId1", Text(frame[FrameSlot.EventId]));
        Assert.Equal("0:pageView", Text(frame[FrameSlot.PageViewId]));
        Assert.Equal("custom", Text(frame[FrameSlot.EventType]));
        Assert.Equal("http://localhost:8290/", Text(frame[FrameSlot.Location]));
        Assert.False(frame.Has(FrameSlot.Referer));
        Assert.Equal(ParametersFormat.Mincode, frame.ParametersFormat);
        Assert.Equal("(sfoo!b~!r!da!16!)", Text(frame[FrameSlot.Parameters]));
        Assert.Equal("127.0.0.1", Text(frame[FrameSlot.RemoteHost]));
        Assert.Equal("utm=a%20b&t=second", Text(frame[FrameSlot.OtherQuery]));
        Assert.Equal(1676, frame.Number(FrameNumber.ScreenPixelWidth));
        Assert.Equal(1027, frame.Number(FrameNumber.ScreenPixelHeight));
        Assert.Null(frame.Number(FrameNumber.DevicePixelRatio));
        Assert.Equal(1106, frame.Number(FrameNumber.ViewportPixelWidth));
        Assert.Equal(949, frame.Number(FrameNumber.ViewportPixelHeight));
        Assert.Equal(EventKey.Of("0:i1t84hgy:party"u8, "0:i1t84hgy:session"u8, "0:eventId1"u8), frame.IdentityKey);
        Assert.Equal(ShardMap.HashOf("0:i1t84hgy:party"u8), frame.ShardHash);
        Assert.Equal("a|b, c", string.Join('|', HeadersOf(frame, "X-Multi")));
        Assert.Equal("caf\u00e9", Assert.Single(HeadersOf(frame, "User-Agent")));
    }

    [Theory]
    [InlineData("/csc-event", DropReason.PartyId)]
    [InlineData("/csc-event?", DropReason.PartyId)]
    [InlineData("/csc-event?p=junk&s=0:1:s&v=v&e=e&c=1&n=f&f=f", DropReason.PartyId)]
    [InlineData("/csc-event?p=junk&p=0:1:p&s=0:1:s&v=v&e=e&c=1&n=f&f=f", DropReason.PartyId)]
    [InlineData("/csc-event?p=0:1:p&v=v&e=e&c=1&n=f&f=f", DropReason.Incomplete)]
    [InlineData("/csc-event?p=0:1:p&s=0:1:s&e=e&c=1&n=f&f=f", DropReason.Incomplete)]
    [InlineData("/csc-event?p=0:1:p&s=0:1:s&v=v&c=1&n=f&f=f", DropReason.Incomplete)]
    [InlineData("/csc-event?p=0:1:p&s=0:1:s&v=v&e=e&n=f&f=f", DropReason.Incomplete)]
    [InlineData("/csc-event?p=0:1:p&s=0:1:s&v=v&e=e&c=1&f=f", DropReason.Incomplete)]
    [InlineData("/csc-event?p=0:1:p&s=0:1:s&v=v&e=e&c=1&n=f", DropReason.Incomplete)]
    [InlineData("/csc-event?p=0:1:p&s&v=v&e=e&c=1&n=f&f=f", DropReason.SessionId)]
    [InlineData("/csc-event?p=0:1:p&s=0:1:s&v=v&e=e&c=&n=f&f=f", DropReason.ClientTime)]
    [InlineData("/csc-event?p=0:1:p&s=0:1:s&v=v&e=e&c=1y2p0ij32e8e8&n=f&f=f", DropReason.ClientTime)]
    public async Task UnusableEvent_IsDroppedCountedAndAnsweredWithThePixel(string target, DropReason reason)
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync(target);

        Assert.Equal(200, answer.Status);
        Assert.Equal(37, answer.Body.Length);
        Assert.Empty(frontend.Frames);
        var counters = Assert.Single(frontend.Metrics.Sources);
        Assert.Equal((1, 0, 1), (counters.Received, counters.Accepted, counters.Dropped(reason)));
    }

    [Fact]
    public async Task EmptyOpaqueIds_AreAnEvent()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        await frontend.GetAsync("/csc-event?p=0:1:p&s=0:1:s&v=&e&c=1&n=&f=");

        var frame = EventFrameReader.Parse(Assert.Single(frontend.Frames));
        Assert.True(frame.Has(FrameSlot.EventId));
        Assert.Equal("", Text(frame[FrameSlot.EventId]));
        Assert.Equal(FrameFlags.Corrupt, frame.Flags);
    }

    [Fact]
    public async Task RightChecksum_IsNotCorrupt()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        await frontend.GetAsync(
            "/csc-event?p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId4&c=i1t8q2b6&n=f&f=f&t=%F0%9F%98%80&x=-4s8g10");

        Assert.Equal(FrameFlags.None, EventFrameReader.Parse(Assert.Single(frontend.Frames)).Flags);
    }

    [Fact]
    public async Task Revalidation_IsAnsweredAsUnchangedAndIsNoEvent()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync(Complete, "If-None-Match: W/\"6b3edc43-20ec-4078-bc47-e965dd76b88a\"\r\n");

        Assert.Equal(304, answer.Status);
        Assert.Equal("image/gif", answer.Header("Content-Type"));
        Assert.Null(answer.Header("Content-Length"));
        Assert.Empty(frontend.Frames);
        Assert.Equal(0, Assert.Single(frontend.Metrics.Sources).Received);
    }

    [Theory]
    [InlineData("Overload")]
    [InlineData("NotDurable")]
    [InlineData("Stopping")]
    public async Task EventThatWasNotTaken_IsAnsweredWith503(string outcome)
    {
        var parsed = Enum.Parse<SubmitOutcome>(outcome);
        await using var frontend = await RunningFrontend.StartAsync(outcome: _ => ValueTask.FromResult(parsed));

        var answer = await frontend.GetAsync(Complete);

        Assert.Equal(503, answer.Status);
        Assert.NotNull(answer.Header("Retry-After"));
        Assert.Null(answer.Header("Content-Type"));
    }

    [Fact]
    public async Task DurableSource_IsAnsweredOnlyWhenTheEventIsDurable()
    {
        var durable = new TaskCompletionSource<SubmitOutcome>();
        await using var frontend = await RunningFrontend.StartAsync(outcome: _ => new ValueTask<SubmitOutcome>(durable.Task));
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        await connection.SendAsync($"GET {Complete} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var answer = connection.ReceiveAsync();
        while (frontend.Frames.IsEmpty)
            await Task.Yield();
        Assert.False(answer.IsCompleted);

        durable.SetResult(SubmitOutcome.Durable);

        Assert.Equal(200, (await answer)!.Status);
    }

    [Fact]
    public async Task HalfClosedConnection_IsStillAnswered()
    {
        var durable = new TaskCompletionSource<SubmitOutcome>();
        await using var frontend = await RunningFrontend.StartAsync(outcome: _ => new ValueTask<SubmitOutcome>(durable.Task));
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        await connection.SendAsync($"GET {Complete} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await frontend.SubmittedAsync(1);
        connection.HalfClose();
        // The server has seen the end of one connection when it answers on another that was opened later.
        Assert.Equal(200, (await frontend.GetAsync("/ping")).Status);

        durable.SetResult(SubmitOutcome.Durable);

        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        Assert.True(await connection.IsClosedAsync());
    }

    [Theory]
    [InlineData("Durable")]
    [InlineData("Received")]
    public async Task Acknowledgement_IsThatOfTheSource(string acknowledgement)
    {
        var expected = Enum.Parse<Acknowledgement>(acknowledgement);
        var seen = new List<Acknowledgement>();
        var configuration = new DivolteConfiguration { Sources = [new BrowserSourceOptions { Name = "one", Acknowledge = expected }] };
        await using var frontend = await RunningFrontend.StartAsync(configuration, acknowledge =>
        {
            seen.Add(acknowledge);
            return ValueTask.FromResult(SubmitOutcome.Received);
        });

        await frontend.GetAsync(Complete);

        Assert.Equal(expected, Assert.Single(seen));
    }

    [Fact]
    public async Task RouteByUri_HashesTheWholeTarget()
    {
        var grid = new GridOptions { RouteBy = RouteBy.Uri };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Global = new GlobalOptions { Grid = grid } });

        await frontend.GetAsync(Complete);

        Assert.Equal(ShardMap.HashOf(Encoding.Latin1.GetBytes(Complete)), EventFrameReader.Parse(Assert.Single(frontend.Frames)).ShardHash);
    }

    [Fact]
    public async Task ResponseDelay_HoldsBackTheAnswerButNotTheEvent()
    {
        var time = new FakeTimeProvider();
        var source = new BrowserSourceOptions { Name = "slow", HttpResponseDelay = TimeSpan.FromSeconds(15) };
        await using var frontend = await RunningFrontend.StartAsync(new DivolteConfiguration { Sources = [source] }, time: time);
        var answer = frontend.GetAsync(Complete);
        await frontend.SubmittedAsync(1);
        Assert.False(answer.IsCompleted);
        Assert.Equal(304, (await frontend.GetAsync(Complete, "If-None-Match: \"*\"\r\n")).Status);

        time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(200, (await answer).Status);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static List<string> HeadersOf(EventFrameReader frame, string name)
    {
        var values = new List<string>();
        foreach (var header in frame.Headers)
        {
            if (Encoding.Latin1.GetString(header.Name).Equals(name, StringComparison.OrdinalIgnoreCase))
                values.Add(Encoding.Latin1.GetString(header.Value));
        }
        return values;
    }
}
