using System.Net;
using System.Text;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Silo.Mapping;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Silo.Tests.Mapping;

public sealed class MappingTestServerTests
{
    private const string Fields = """
        { "name": "text", "type": ["null", "string"], "default": null },
        { "name": "number", "type": ["null", "double"], "default": null },
        { "name": "bytes", "type": ["null", "bytes"], "default": null },
        { "name": "list", "type": ["null", { "type": "array", "items": "string" }], "default": null },
        { "name": "query", "type": ["null", { "type": "map", "values": { "type": "array", "items": "string" } }], "default": null },
        { "name": "party", "type": ["null", "string"], "default": null },
        { "name": "host", "type": ["null", "string"], "default": null },
        { "name": "time", "type": ["null", "long"], "default": null },
        { "name": "width", "type": ["null", "int"], "default": null },
        { "name": "flag", "type": "boolean" }
        """;

    private const string Script = """
        mapping {
          map location() onto 'text'
          map eventParameters().path('$.n') onto 'number'
          map digest('md5').add('x').result() onto 'bytes'
          map header('X-List') onto 'list'
          def uri = parse referer() to uri
          map uri.query() onto 'query'
          map partyId() onto 'party'
          map remoteHost() onto 'host'
          map timestamp() onto 'time'
          map viewportPixelWidth() onto 'width'
          map firstInSession() onto 'flag'
        }
        """;

    [Fact]
    public async Task Event_IsAnsweredWithItsRecord()
    {
        var (status, type, body) = await PostAsync("""
            {"location":"a\"\u0001é","parameters":{"n":1e10},"referer":"http://h/?a=1&a=2","party_id":"0:K1:abc","first_in_session":true,"viewport_pixel_width":12,"remote_host":"10.0.0.1"}
            """);

        Assert.Equal((200, "application/json"), (status, type));
        Assert.Equal(
            """{"text": "a\"\u0001é", "number": 1.0E10, "bytes": {"bytes": "\u009DÔäa&\u008C\u00804õÈVN\u0015\\g¦"}, "list": ["a", "b"], "query": {"a": ["1", "2"]}, "party": "0:k1:abc", "host": "10.0.0.1", "time": 946684800000, "width": 12, "flag": true}""",
            body);
    }

    [Fact]
    public async Task EmptyEvent_HasGeneratedIdsAndTheCallersAddress()
    {
        var (status, _, body) = await PostAsync("{}");

        Assert.Equal(200, status);
        Assert.Matches("\"party\": \"0:[0-9a-z]+:[A-Za-z0-9_-]{32}\", \"host\": \"192.0.2.7\"", body);
        Assert.Contains("\"text\": null", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WronglyTypedMember_IsAbsentAndTold()
    {
        using var error = new StringWriter();

        var (status, _, body) = await PostAsync("""{"location":3,"viewport_pixel_width":"12"}""", error);

        Assert.Equal(200, status);
        Assert.Contains("\"text\": null", body, StringComparison.Ordinal);
        Assert.Contains("location is of the wrong type: 3", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("viewport_pixel_width is of the wrong type", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task WhatIsNoEvent_IsAnError(string body) => Assert.Equal(500, (await PostAsync(body)).Status);

    [Fact]
    public async Task FailingMapping_IsAnErrorWithItsReason()
    {
        using var files = new ScriptFiles("mapping { map location() onto 'needed' }", """{ "name": "needed", "type": "string" }""");

        var (status, _, body) = await PostAsync("{}", files: files);

        Assert.Equal(500, status);
        Assert.Contains("needed", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherMethods_AreNotAllowed()
    {
        var (status, _, _) = await PostAsync("", method: "GET");

        Assert.Equal(405, status);
    }

    [Theory]
    [InlineData("--mapping needs a value", "-s", "b", "--mapping")]
    [InlineData("mapping-test needs --schema FILE", "-m", "a")]
    [InlineData("mapping-test needs --mapping FILE", "-s", "a")]
    [InlineData("'--explain' is not understood here", "--explain")]
    [InlineData("'x' is not understood here", "-m", "a", "-s", "b", "x")]
    [InlineData("-p needs a port number, not 'x'", "-p", "x")]
    public void BadOptions_AreNamed(string mistake, params string[] words) => Assert.Equal(mistake, MappingArguments.ForServer(words).Mistake);

    [Fact]
    public void Options_AreThoseOfTheCollector() => Assert.Equal(
        new MappingArguments { Mapping = "m", Schema = "s", Host = "0.0.0.0", Port = 9000 },
        MappingArguments.ForServer(["-m", "m", "--schema=s", "-i", "0.0.0.0", "--port", "9000"]));

    private static async Task<(int Status, string? Type, string Body)> PostAsync(
        string body, TextWriter? error = null, string method = "POST", ScriptFiles? files = null)
    {
        using var own = new ScriptFiles(Script, Fields);
        var mapping = CompiledMapping.TryCompile((files ?? own).Arguments, new ConfigurationRequest(), trace: null, TextWriter.Null)!;
        var time = new FakeTimeProvider(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var answer = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        context.Request.Method = method;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Request.Headers.Append("X-List", "a, b");
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");

        await new MappingTestServer(mapping, time, error ?? TextWriter.Null).AnswerAsync(context);
        await context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        return (context.Response.StatusCode, context.Response.ContentType, Encoding.UTF8.GetString(answer.ToArray()));
    }
}
