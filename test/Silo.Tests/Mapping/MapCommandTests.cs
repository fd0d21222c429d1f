using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Silo.Mapping;
using Divolte.TestKit.Geo;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Silo.Tests.Mapping;

public sealed class MapCommandTests
{
    private const string Fields = """
        { "name": "path", "type": ["null", "string"], "default": null },
        { "name": "group", "type": ["null", "string"], "default": null },
        { "name": "count", "type": ["null", "int"], "default": null },
        { "name": "agent", "type": ["null", "string"], "default": null },
        { "name": "again", "type": "boolean", "default": false },
        { "name": "unmapped", "type": "int", "default": 7 }
        """;

    private const string Script = """
        mapping {
          map duplicate() onto 'again'
          def uri = parse location() to uri
          map uri.path() onto 'path'
          map header('X-Agent').first() onto 'agent'
          when eventType().equalTo('pageView') apply {
            map match('^/shop/(.*)$').against(uri.path()).group(1) onto 'group'
          }
          section {
            when referer().isAbsent() exit()
            map eventParameters().path('$.count') onto 'count'
          }
        }
        """;

    private const string Browser =
        "/csc-event?p=0:k1a2b3c4:p1&s=0:k1a2b3c5:s1&v=0:v1&e=0:e1&c=k1a2b3d0&n=f&f=f&t=pageView&l=http%3A%2F%2Fexample.com%2Fshop%2Fshoes";

    [Fact]
    public void RecordedRequest_GivesItsRecord()
    {
        var (exitCode, output, error) = Map($$"""{ "path": "{{Browser}}", "headers": [["X-Agent", "a, b"]] }""");

        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.Equal("""{"path":"/shop/shoes","group":"shoes","count":null,"agent":"a","again":false,"unmapped":7}""", output.Trim());
    }

    [Fact]
    public void BareTarget_IsARequestOfABrowser() => Assert.StartsWith("""{"path":"/shop/shoes","group":"shoes",""", Map(Browser).Output, StringComparison.Ordinal);

    [Fact]
    public void RepeatedRequest_IsFlagged()
    {
        var lines = Map($"{Browser}\n\n{Browser}\n").Output.Split('\n');

        Assert.Contains("\"again\":false", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"again\":true", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void PostedRequest_IsAJsonEvent()
    {
        var (_, output, error) = Map("""
            {"method":"POST","path":"/json-event?p=0:k1a2b3c4:p1","body":{"session_id":"0:k1a2b3c5:s1","event_id":"e","is_new_party":false,"is_new_session":false,"client_timestamp_iso":"2020-01-01T00:00:00Z","event_type":"pageView","parameters":{"count":3}}}
            """);

        Assert.Equal("", error);
        Assert.StartsWith("""{"path":null,"group":null,"count":null,""", output, StringComparison.Ordinal);
    }

    [Fact]
    public void HandWrittenEvent_GivesItsRecord()
    {
        var (_, output, _) = Map("""{ "location": "http://example.com/shop/hats", "event_type": "pageView", "referer": "http://x/", "parameters": { "count": "3" } }""");

        Assert.StartsWith("""{"path":"/shop/hats","group":"hats","count":3,""", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"path\": \"/csc-event?p=0:1:a\" }", "no event: a frontend drops the request (Incomplete)")]
    [InlineData("{ \"path\": \"/csc event\" }", "no event: a frontend drops the request (Incomplete)")]
    [InlineData("{ \"path\": 3 }", "no event: path must be a string")]
    [InlineData("{ \"path\": \"/\", \"headers\": 3 }", "no event: headers must be")]
    [InlineData("{ nonsense", "no event:")]
    [InlineData("{ \"location\": 3 }", "location is of the wrong type: 3")]
    public void BadLine_IsNamed(string line, string expected)
    {
        var (_, _, error) = Map($"{Browser}\n{line}");

        Assert.StartsWith("-:2: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Explanation_TellsLinesAndReasons()
    {
        var (_, output, _) = Map(
            """{ "location": "http://example.com/x", "event_type": "pageView", "referer": "http://x/", "parameters": { "count": "three" } }""", explains: true);

        var explanation = string.Join('\n', output.Split('\n').Skip(1).Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0));
        Assert.Equal(
            """
            # path: mapping.groovy:4: parse(location() to uri).path()
            # group: default
            #     mapping.groovy:7: match(^/shop/(.*)$ against parse(location() to uri).path()).group(1) is absent, although match(^/shop/(.*)$ against parse(location() to uri).path()) is present
            # count: default
            #     mapping.groovy:11: eventParameters().path($.count) does not fit the type ["null","int"]
            # agent: default
            #     mapping.groovy:5: header(X-Agent).first() is absent, because header(X-Agent) is
            # again: mapping.groovy:2: duplicate()
            # unmapped: default
            #     no line of the script maps it
            """.ReplaceLineEndings("\n"),
            explanation);
    }

    [Fact]
    public void Explanation_TellsWhatWasNotReached()
    {
        var (_, output, _) = Map("""{ "location": "http://example.com/x" }""", explains: true);

        Assert.Contains("mapping.groovy:7: not reached: at mapping.groovy:6 eventType().equalTo(pageView) is false", output, StringComparison.Ordinal);
        Assert.Contains("mapping.groovy:11: not reached: exit() at mapping.groovy:10", output, StringComparison.Ordinal);
    }

    [Fact]
    public void UserAgent_IsToldApart()
    {
        using var files = new ScriptFiles("mapping { map userAgent().family() onto 'family' }", """{ "name": "family", "type": "string" }""");
        using var output = new StringWriter();
        const string Event = """{ "headers": { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:31.0) Gecko/20100101 Firefox/31.0" } }""";

        MapCommand.Run(files.Arguments, new ConfigurationRequest(), TimeProvider.System, new StringReader(Event), output, TextWriter.Null);

        Assert.Equal("""{"family":"Firefox"}""", output.ToString().Trim());
    }

    [Theory]
    [InlineData("true", "11.0")]
    [InlineData("false", "10.0")]
    public void ClientHints_CountWhenTheConfigurationSaysSo(string setting, string version)
    {
        using var files = new ScriptFiles("mapping { map userAgent().osVersion() onto 'version' }", """{ "name": "version", "type": "string" }""");
        var configuration = files.Write("divolte-collector.conf", $"divolte.global.mapper.user_agent_parser.client_hints = {setting}");
        using var output = new StringWriter();
        const string Event = $$"""
            { "path": "{{Browser}}", "headers": [["User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"], ["Sec-CH-UA-Platform", "\"Windows\""], ["Sec-CH-UA-Platform-Version", "\"15.0.0\""]] }
            """;

        MapCommand.Run(files.Arguments, new ConfigurationRequest { ConfigFile = configuration }, TimeProvider.System, new StringReader(Event), output, TextWriter.Null);

        Assert.Equal($$"""{"version":"{{version}}"}""", output.ToString().Trim());
    }

    [Fact]
    public void Place_IsLookedUpInTheConfiguredDatabase()
    {
        using var files = new ScriptFiles("mapping { map ip2geo(header('X-Ip').first()).cityName() onto 'city' }", """{ "name": "city", "type": "string" }""");
        var configuration = files.Write("divolte-collector.conf", $"divolte.global.mapper.ip2geo_database = \"{GeoDatabases.City}\"");
        using var output = new StringWriter();
        const string Event = """{ "headers": { "X-Ip": "81.2.69.142" } }""";

        var exitCode = MapCommand.Run(files.Arguments, new ConfigurationRequest { ConfigFile = configuration }, TimeProvider.System, new StringReader(Event), output, TextWriter.Null);

        Assert.Equal(0, exitCode);
        Assert.Equal("""{"city":"London"}""", output.ToString().Trim());
    }

    [Fact]
    public void MissingDatabaseOfPlaces_IsNamed()
    {
        using var files = new ScriptFiles("mapping { map ip2geo().cityName() onto 'city' }", """{ "name": "city", "type": "string" }""");
        var configuration = files.Write("divolte-collector.conf", "divolte.global.mapper.ip2geo_database = /nowhere/city.mmdb");
        using var error = new StringWriter();

        var exitCode = MapCommand.Run(files.Arguments, new ConfigurationRequest { ConfigFile = configuration }, TimeProvider.System, TextReader.Null, TextWriter.Null, error);

        Assert.Equal(1, exitCode);
        Assert.Contains("ERROR divolte.global.mapper.ip2geo_database = /nowhere/city.mmdb: there is no such file.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_AreAllPrinted()
    {
        using var files = new ScriptFiles("mapping {\n map a() onto 'path'\n map location() onto 'b'\n}", Fields);
        using var error = new StringWriter();

        var exitCode = MapCommand.Run(files.Arguments, new ConfigurationRequest(), TimeProvider.System, TextReader.Null, TextWriter.Null, error);

        Assert.Equal(1, exitCode);
        Assert.Equal(2, error.ToString().Split("ERROR ").Length - 1);
    }

    [Fact]
    public void UnmappableEvent_IsNamedWithItsReason()
    {
        using var files = new ScriptFiles("mapping { map location() onto 'needed' }", """{ "name": "needed", "type": "string" }""");
        using var error = new StringWriter();

        var exitCode = MapCommand.Run(files.Arguments, new ConfigurationRequest(), TimeProvider.System, new StringReader("{}"), TextWriter.Null, error);

        Assert.Equal(1, exitCode);
        Assert.Contains("-:1: no record: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("needed", error.ToString(), StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output, string Error) Map(string events, bool explains = false)
    {
        using var files = new ScriptFiles(Script, Fields);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var arguments = files.Arguments with { Explains = explains };
        var exitCode = MapCommand.Run(arguments, new ConfigurationRequest(), new FakeTimeProvider(), new StringReader(events), output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
