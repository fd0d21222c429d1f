using System.Text;
using Divolte.Frontend.Submission;
using Divolte.Frontend.Tests.Requests;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.TestKit.Wire;
using Xunit;

namespace Divolte.Frontend.Tests.Json;

public sealed class JsonEventEndpointTests
{
    private const string Target = "/json-event?p=0:I1T84HGY:party&q=1";

    private const string Complete =
        """{"event_type":"complete-event","client_timestamp_iso":"2016-06-01T18:54:16.123Z","session_id":"0:ikfm9ufy:session","event_id":"3c54","is_new_party":true,"is_new_session":true,"parameters":{"parameter1":"value1"}}""";

    [Fact]
    public async Task CompleteEvent_IsSubmittedWithEverything()
    {
        await using var frontend = await StartAsync();

        var answer = await frontend.PostAsync(Target, Complete);

        Assert.Equal(204, answer.Status);
        Assert.Equal("divolte", answer.Header("Server"));
        Assert.Null(answer.Header("Content-Length"));
        var frame = EventFrameReader.Parse(Assert.Single(frontend.Frames));
        Assert.Equal(FrameFlags.Json | FrameFlags.NewParty | FrameFlags.FirstInSession, frame.Flags);
        Assert.Equal(1464807256123, frame.ClientTime);
        Assert.Equal("json", Text(frame[FrameSlot.Source]));
        Assert.Equal("0:i1t84hgy:party", Text(frame[FrameSlot.PartyId]));
        Assert.Equal("0:ikfm9ufy:session", Text(frame[FrameSlot.SessionId]));
        Assert.Equal("3c54", Text(frame[FrameSlot.EventId]));
        Assert.Equal("complete-event", Text(frame[FrameSlot.EventType]));
        Assert.Equal(ParametersFormat.Json, frame.ParametersFormat);
        Assert.Equal("""{"parameter1":"value1"}""", Text(frame[FrameSlot.Parameters]));
        Assert.Equal("q=1", Text(frame[FrameSlot.OtherQuery]));
        Assert.False(frame.Has(FrameSlot.PageViewId));
    }

    [Theory]
    [InlineData("application/json", 204)]
    [InlineData("APPLICATION/json ", 204)]
    [InlineData("application/json; charset=utf-8", 415)]
    [InlineData("application/json\r\nContent-Type: application/json", 415)]
    [InlineData("text/plain", 415)]
    public async Task ContentType_MustBeExact(string type, int status)
    {
        await using var frontend = await StartAsync();

        var answer = await frontend.PostAsync(Target, Complete, $"Content-Type: {type}\r\n");

        Assert.Equal(status, answer.Status);
        if (status == 415)
            Assert.Equal("Content type must be application/json.", answer.Text);
    }

    [Fact]
    public async Task OtherMethod_IsNotAllowedBeforeAnythingElse()
    {
        await using var frontend = await StartAsync();

        var answer = await frontend.GetAsync(Target, "Content-Type: text/plain\r\n");

        Assert.Equal(405, answer.Status);
        Assert.Equal("POST", answer.Header("Allow"));
        Assert.Equal("HTTP method GET not allowed.", answer.Text);
    }

    [Theory]
    [InlineData("/json-event")]
    [InlineData("/json-event?p=notavalidpartyid")]
    [InlineData("/json-event?p")]
    [InlineData("/json-event?P=0:1:p")]
    [InlineData("/json-event?p=bad&p=0:1:p")]
    public async Task NoPartyId_Is400(string target)
    {
        await using var frontend = await StartAsync();

        var answer = await frontend.PostAsync(target, Complete);

        Assert.Equal(400, answer.Status);
        Assert.Equal("divolte", answer.Header("Server"));
        Assert.Equal(1, Assert.Single(frontend.Metrics.Sources).Dropped(DropReason.PartyId));
    }

    [Theory]
    [InlineData("Content-Type: application/json\r\n")]
    [InlineData("Content-Type: application/json\r\nContent-Length: 0\r\n")]
    [InlineData("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    public async Task NoBody_Is400(string headers, string body = "")
    {
        await using var frontend = await StartAsync();

        Assert.Equal(400, (await frontend.SendAsync($"POST {Target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}")).Status);
    }

    [Theory]
    [InlineData(4096, 4096, 204)]
    [InlineData(4096, 4097, 413)]
    [InlineData(1, 4096, 204)]
    [InlineData(0, 4097, 413)]
    [InlineData(-5000, 4096, 204)]
    [InlineData(4097, 8192, 204)]
    [InlineData(5000, 8193, 413)]
    [InlineData(12288, 12288, 204)]
    [InlineData(12288, 3000000, 413)]
    public async Task BodySize_IsLimitedInWholeBlocks(int limit, int size, int status)
    {
        await using var frontend = await StartAsync(new JsonSourceOptions { Name = "json", EventPath = "/json-event", MaximumBodySize = limit });
        var body = Complete.Replace("value1", new string('k', size - Complete.Length + "value1".Length), StringComparison.Ordinal);
        Assert.Equal(size, body.Length);

        var declared = await frontend.PostAsync(Target, body);
        var chunked = await frontend.SendAsync(Chunked(body));

        Assert.Equal((status, status), (declared.Status, chunked.Status));
        Assert.Equal(status == 413 ? "close" : null, declared.Header("Connection"));
        Assert.Equal(status == 204 ? 2 : 0, frontend.Frames.Count);
    }

    [Fact]
    public async Task BodyThatFitsItsLimitButNoFrame_Is413()
    {
        await using var frontend = await StartAsync(new JsonSourceOptions { Name = "json", EventPath = "/json-event", MaximumBodySize = 8 << 20 });
        var body = Complete.Replace("value1", new string('k', 5 << 20), StringComparison.Ordinal);

        Assert.Equal(413, (await frontend.PostAsync(Target, body)).Status);
        Assert.Empty(frontend.Frames);
    }

    [Fact]
    public async Task TooLargeDeclaredLength_IsRefusedBeforeTheBodyIsSent()
    {
        await using var frontend = await StartAsync();

        var answer = await frontend.SendAsync(
            $"POST {Target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4097\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task ExpectContinue_IsAnsweredBeforeTheBody()
    {
        await using var frontend = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);

        await connection.SendAsync(
            $"POST {Target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Complete.Length}\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal(100, (await connection.ReceiveAsync())!.Status);
        await connection.SendAsync(Complete);
        Assert.Equal(204, (await connection.ReceiveAsync())!.Status);
    }

    [Fact]
    public async Task ChunkedBodyWithLength_IsABareBadRequest()
    {
        await using var frontend = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);

        await connection.SendAsync(Chunked(Complete).Replace("Transfer", $"Content-Length: {Complete.Length}\r\nTransfer", StringComparison.Ordinal));

        var answer = (await connection.ReceiveAsync())!;
        Assert.Equal(400, answer.Status);
        Assert.Equal(["Content-Length", "Connection"], answer.Headers.Select(header => header.Key));
        Assert.True(await connection.IsClosedAsync());
        Assert.Empty(frontend.Frames);
    }

    [Fact]
    public async Task BodyThatEndsEarly_EndsTheConnectionWithoutAnEvent()
    {
        await using var frontend = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);
        await connection.SendAsync($"POST {Target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{Complete}");

        connection.HalfClose();

        Assert.True(await connection.IsClosedAsync());
        await frontend.FinishRequestsAsync();
        Assert.Equal(1, Assert.Single(frontend.Metrics.Sources).Dropped(DropReason.Body));
        Assert.Empty(frontend.Frames);
    }

    [Fact]
    public async Task BrokenChunk_EndsTheConnectionWithoutAnAnswer()
    {
        await using var frontend = await StartAsync();
        await using var connection = await RawConnection.OpenAsync(frontend.Port);

        await connection.SendAsync(Chunked(Complete).Replace($"{Complete.Length:x}\r\n", "zz\r\n", StringComparison.Ordinal));

        Assert.Null(await connection.ReceiveAsync());
    }

    [Theory]
    [InlineData("{}", DropReason.Incomplete)]
    [InlineData("hello", DropReason.Body)]
    [InlineData("null", DropReason.Body)]
    public async Task BadEvent_IsCountedAndAnsweredLikeAGoodOne(string body, DropReason reason)
    {
        await using var frontend = await StartAsync();

        Assert.Equal(204, (await frontend.PostAsync(Target, body)).Status);
        Assert.Equal(1, Assert.Single(frontend.Metrics.Sources).Dropped(reason));
        Assert.Empty(frontend.Frames);
    }

    [Theory]
    [InlineData("{}", DropReason.Incomplete, "client_timestamp_iso")]
    [InlineData("hello", DropReason.Body, "JSON object")]
    [InlineData("""{"surprise":1}""", DropReason.Body, "no others")]
    [InlineData("""{"session_id":"s","event_id":"e","is_new_party":true,"is_new_session":true,"client_timestamp_iso":"2016-06-01T18:54:16Z"}""", DropReason.SessionId, "session_id")]
    [InlineData("""{"session_id":"0:1:s","event_id":"e","is_new_party":true,"is_new_session":true,"client_timestamp_iso":"today"}""", DropReason.ClientTime, "ISO 8601")]
    public async Task BadEventOfAStrictSource_IsCountedAndExplained(string body, DropReason reason, string explanation)
    {
        await using var frontend = await StartAsync(new JsonSourceOptions { Name = "json", EventPath = "/json-event", IsStrict = true });

        var answer = await frontend.PostAsync(Target, body);

        Assert.Equal((400, "text/plain; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
        Assert.Contains(explanation, answer.Text, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(frontend.Metrics.Sources).Dropped(reason));
        Assert.Equal(204, (await frontend.PostAsync(Target, Complete)).Status);
    }

    [Fact]
    public async Task EventThatWasNotTaken_IsAnsweredWith503()
    {
        await using var frontend = await RunningFrontend.StartAsync(
            Configuration(new JsonSourceOptions { Name = "json", EventPath = "/json-event" }), _ => ValueTask.FromResult(SubmitOutcome.NotDurable));

        var answer = await frontend.PostAsync(Target, Complete);

        Assert.Equal(503, answer.Status);
        Assert.NotNull(answer.Header("Retry-After"));
    }

    private static string Chunked(string body) =>
        $"POST {Target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n";

    private static Task<RunningFrontend> StartAsync(JsonSourceOptions? source = null) =>
        RunningFrontend.StartAsync(Configuration(source ?? new JsonSourceOptions { Name = "json", EventPath = "/json-event" }));

    private static DivolteConfiguration Configuration(JsonSourceOptions source) => new() { Sources = [source] };

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
