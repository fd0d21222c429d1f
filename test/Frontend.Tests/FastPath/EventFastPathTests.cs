using System.Text;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.TestKit.Wire;
using Xunit;

namespace Divolte.Frontend.Tests.FastPath;

/// <summary>Events that the HTTP server never sees, among requests that it does.</summary>
public sealed class EventFastPathTests
{
    private const string Target =
        "/csc-event?p=0%3Ai1t84hgy%3Aparty&s=0%3Ai1t84hgy%3Asession&v=0%3ApageView&e=0%3AeventId1&c=i1t8q2b6&n=f&f=f"
        + "&l=http%3A%2F%2Flocalhost%3A8290%2F&i=1ak&j=sj&k=1.i&w=uq&h=qd&t=custom&u=(sfoo!b~!r!da!16!)&x=fn3dfo";

    private const string Event = $"GET {Target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n";
    private const string Script = "GET /divolte.js HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static readonly DivolteConfiguration Forwarded = new() { Global = new GlobalOptions { Server = new ServerOptions { UseXForwardedFor = true } } };

    [Theory]
    [InlineData(Target, "")]
    [InlineData(Target, "user-agent: a\r\nX-Multi: 1\r\nx-other: 2\r\nX-MULTI: 3\r\nCookie: a=b\r\nAccept: */*\r\nX-Empty:\r\n")]
    [InlineData(Target, "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2, 10.0.0.3\r\n")]
    [InlineData(Target, "X-Forwarded-For: nobody\r\n")]
    [InlineData("/csc-event?p=1", "")]
    [InlineData("/csc-event", "")]
    [InlineData(Target + "&extra=%C3%A9&more", "Connection: keep-alive\r\n")]
    public async Task Event_HasTheSameAnswerAndFrameEitherWay(string target, string headers)
    {
        var fast = await PlayAsync(target, headers, hasFastPath: true);
        var slow = await PlayAsync(target, headers, hasFastPath: false);

        Assert.Equal((0, 1), (fast.ServerRequests, slow.ServerRequests));
        Assert.Equal(slow.Answer, fast.Answer);
        Assert.Equal(slow.Frame, fast.Frame);
    }

    [Fact]
    public async Task OtherRequestsInBetween_AreTheServers()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);

        await connection.SendAsync(Event + Script + Event + Event + Script + Event);

        var types = new List<string>();
        for (var answer = 0; answer < 6; answer++)
            types.Add((await connection.ReceiveAsync())!.Headers["Content-Type"].Single());
        Assert.Equal(["image/gif", "application/javascript", "image/gif", "image/gif", "application/javascript", "image/gif"], types);
        Assert.Equal((2, 4), (frontend.ServerRequests, frontend.Frames.Count));
        Assert.Equal(6, frontend.Metrics.Answers(200));
    }

    [Theory]
    [InlineData("POST /csc-event HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 405)]
    [InlineData("GET /csc-event?p=% HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("GET /csc-event HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"6b3edc43-20ec-4078-bc47-e965dd76b88a\"\r\n\r\n", 304)]
    public async Task RequestThatIsNoPlainEvent_IsTheServers(string request, int status)
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        await connection.SendAsync(Event + request);

        var first = await connection.ReceiveAsync();
        var second = await connection.ReceiveAsync();

        Assert.Equal((200, status), (first!.Status, second!.Status));
        Assert.Equal(1, frontend.ServerRequests);
    }

    [Fact]
    public async Task HeadInPieces_IsReadWhole()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);

        foreach (var piece in Event.Chunk(40))
        {
            await connection.SendAsync(new string(piece));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        Assert.Equal((0, 1), (frontend.ServerRequests, frontend.Frames.Count));
    }

    [Fact]
    public async Task HeadThatTakesLong_IsTheServersWhichHasATimeLimit()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);

        await connection.SendAsync(Event + Event[..20]);
        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        foreach (var piece in Event[20..30])
        {
            await connection.SendAsync(piece.ToString());
            await Task.Delay(350, TestContext.Current.CancellationToken);
        }
        await connection.SendAsync(Event[30..] + Event);

        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        Assert.Equal((2, 3), (frontend.ServerRequests, frontend.Frames.Count));
    }

    [Fact]
    public async Task LongHead_IsTheServers()
    {
        await using var frontend = await RunningFrontend.StartAsync();

        var answer = await frontend.GetAsync(Target + "&long=" + new string('x', 40_000));

        Assert.Equal(200, answer.Status);
        Assert.Equal((1, 1), (frontend.ServerRequests, frontend.Frames.Count));
    }

    [Fact]
    public async Task IdleConnection_EndsWithoutAnAnswerAndABusyOneGoesOn()
    {
        await using var frontend = await RunningFrontend.StartAsync(adjust: path => path.IdleTimeout = TimeSpan.FromSeconds(2));
        await using var idle = await RawConnection.OpenAsync(frontend.Port);
        await using var busy = await RawConnection.OpenAsync(frontend.Port);
        await idle.SendAsync(Event);
        Assert.Equal(200, (await idle.ReceiveAsync())!.Status);

        var closing = idle.IsClosedAsync();
        for (var began = Environment.TickCount64; !closing.IsCompleted || Environment.TickCount64 - began < 4000;)
        {
            await busy.SendAsync(Event);
            Assert.Equal(200, (await busy.ReceiveAsync())!.Status);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.True(await closing);
        Assert.Equal(0, frontend.ServerRequests);
    }

    [Fact]
    public async Task IdleConnectionOfTheServer_EndsWithoutAnAnswer()
    {
        await using var frontend = await RunningFrontend.StartAsync(adjust: path => path.IdleTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        await connection.SendAsync("POST /csc-event HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
        Assert.Equal(405, (await connection.ReceiveAsync())!.Status);

        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task Stop_EndsConnectionsThatWaitHereAtOnce()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        await connection.SendAsync(Event);
        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);

        await frontend.FinishRequestsAsync();

        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task ClosedGate_Is503()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await frontend.Drain.RunAsync(TimeSpan.Zero, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        var answer = await frontend.SendAsync(Event);

        Assert.Equal(503, answer.Status);
        Assert.Equal((1, 0), (frontend.ServerRequests, frontend.Frames.Count));
    }

    [Fact]
    public async Task EventThatIsNotDurable_Is503LikeTheServers()
    {
        var answers = new List<string>();
        foreach (var hasFastPath in new[] { true, false })
        {
            await using var frontend = await RunningFrontend.StartAsync(
                outcome: _ => ValueTask.FromResult(SubmitOutcome.NotDurable), hasFastPath: hasFastPath);
            answers.Add(TextOf(await frontend.SendAsync(Event)));
            Assert.Equal(1, frontend.Metrics.Answers(503));
        }

        Assert.Contains("503", answers[0], StringComparison.Ordinal);
        Assert.Equal(answers[1], answers[0]);
    }

    [Fact]
    public async Task ClientThatHasClosedItsSide_ReadsTheAnswerOfALaterOutcome()
    {
        var outcome = new TaskCompletionSource<SubmitOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var frontend = await RunningFrontend.StartAsync(outcome: _ => new ValueTask<SubmitOutcome>(outcome.Task));
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        await connection.SendAsync(Event);
        connection.HalfClose();
        await frontend.SubmittedAsync(1);
        Assert.Equal(1, frontend.Drain.UnderWay);

        outcome.SetResult(SubmitOutcome.Durable);

        Assert.Equal(200, (await connection.ReceiveAsync())!.Status);
        Assert.True(await connection.IsClosedAsync());
        Assert.Equal(0, frontend.Drain.UnderWay);
    }

    [Fact]
    public async Task ClientThatReadsNoAnswers_IsNotReadFromAnyMore()
    {
        await using var frontend = await RunningFrontend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        var sending = connection.SendAsync(string.Concat(Enumerable.Repeat(Event, 50_000)));
        var seen = -1;
        while (seen != frontend.Frames.Count)
        {
            seen = frontend.Frames.Count;
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.False(sending.IsCompleted);
        Assert.InRange(frontend.Drain.UnderWay, 0, 1);
        await connection.DisposeAsync();
        await frontend.FinishRequestsAsync();
        Assert.Equal(0, frontend.Drain.UnderWay);
    }

    private static async Task<(int ServerRequests, string Answer, string Frame)> PlayAsync(string target, string headers, bool hasFastPath)
    {
        await using var frontend = await RunningFrontend.StartAsync(Forwarded, hasFastPath: hasFastPath);
        var answer = await frontend.GetAsync(target, headers);
        return (frontend.ServerRequests, TextOf(answer), frontend.Frames.TryDequeue(out var frame) ? TextOf(frame) : "none");
    }

    /// <summary>All of an answer, in its order, but for the value of the date.</summary>
    private static string TextOf(RawAnswer answer) =>
        answer.Status + "\n"
        + string.Join('\n', answer.Headers.Select(header => header.Key + ": " + (header.Key == "Date" ? "then" : string.Join('|', header))))
        + "\n" + Convert.ToHexString(answer.Body);

    /// <summary>All of a frame but for its time and for the order of headers of different names.</summary>
    private static string TextOf(byte[] bytes)
    {
        var frame = EventFrameReader.Parse(bytes);
        var text = new StringBuilder().Append(frame.Flags).Append(' ').Append(frame.ClientTime).Append(' ').Append(frame.IdentityKey).Append(' ').Append(EventFrame.ShardHashOf(bytes)).Append('\n');
        foreach (var slot in Enum.GetValues<FrameSlot>())
            text.Append(slot).Append('=').Append(frame.Has(slot) ? Encoding.UTF8.GetString(frame[slot]) : "absent").Append('\n');
        foreach (var number in Enum.GetValues<FrameNumber>())
            text.Append(number).Append('=').Append(frame.Number(number)).Append('\n');
        var headers = new List<(string Name, string Value)>();
        foreach (var header in frame.Headers)
            headers.Add((Encoding.Latin1.GetString(header.Name).ToUpperInvariant(), Encoding.Latin1.GetString(header.Value)));
        foreach (var name in headers.GroupBy(header => header.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
            text.Append(name.Key).Append(": ").AppendJoin('|', name.Select(header => header.Value)).Append('\n');
        return text.ToString();
    }
}
