using Divolte.Grains.Geo;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Golden;

/// <summary>What the recorded server refuses at start is refused, with the place in the script; what it takes is taken.</summary>
public class RecordedRefusalTests
{
    public static TheoryData<string> Cases => [.. Recordings.All.Lines("rejected.jsonl").Select(line => line.GetProperty("name").GetString()!)];

    /// <summary>A file name that Groovy cannot make a class of; there are no classes here.</summary>
    private static readonly string[] Accepted = ["int"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_HasTheRecordedOutcome(string name)
    {
        var line = Recordings.All.Lines("rejected.jsonl").First(entry => entry.GetProperty("name").GetString() == name);
        var mustRefuse = line.GetProperty("outcome").GetString() == "rejected" && !Accepted.Contains(name);
        var problem = "";
        try
        {
            var schema = AvroSchemaParser.Parse(Recordings.All.Bytes($"rejected/{line.GetProperty("schema").GetString()}"), toleratesDefaults: false, out _);
            var geo = line.GetProperty("ip2geo_database").GetBoolean() ? NoGeo.Instance : null;
            var context = new MappingContext(schema, new Enrichment(NoUserAgents.Instance, geo));
            ScriptEvaluator.Compile(new ScriptSource("script.groovy", Recordings.All.Text($"rejected/{line.GetProperty("script").GetString()}")), context);
        }
        catch (Exception exception) when (exception is MappingException or SchemaException)
        {
            problem = exception.Message;
        }

        Assert.True(mustRefuse == problem.Length > 0, mustRefuse ? "accepted" : problem);
        if (problem.Length > 0 && line.GetProperty("stage").GetString() == "script-evaluation" && line.TryGetProperty("line", out var place) && line.GetProperty("kind").GetString() != "schema")
            Assert.Contains("script.groovy:", problem, StringComparison.Ordinal);
    }
}
