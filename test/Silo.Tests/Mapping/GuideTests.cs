using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Silo.Mapping;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Divolte.Silo.Tests.Mapping;

/// <summary>The examples of <c>docs/mapping.md</c> do what stands under them.</summary>
public sealed partial class GuideTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    private static readonly IReadOnlyList<(string Info, string Text)> Blocks = ReadBlocks();

    private static readonly string Event = JsonNode.Parse(Block("json event"))!.ToJsonString();

    /// <summary>Places of the examples among the fenced blocks, by what stands behind <c>groovy</c>.</summary>
    public static TheoryData<int> Examples => [.. IndexesOf("groovy")];

    public static TheoryData<int> Refused => [.. IndexesOf("groovy refused")];

    public static TheoryData<int> Compiled => [.. IndexesOf("groovy compiles")];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_GivesWhatStandsUnderIt(int index)
    {
        var (exitCode, output, error) = Map(Blocks[index].Text);

        Assert.True(exitCode == 0, error);
        Assert.Equal(Fields(Blocks[index + 1].Text), Fields(output));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void RefusedExample_GivesTheMessagesUnderIt(int index)
    {
        var (exitCode, _, error) = Map(Blocks[index].Text);

        Assert.Equal(1, exitCode);
        Assert.All(Blocks[index + 1].Text.Split('\n'), line => Assert.Contains(line, error, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Compiled))]
    public void ExampleThatNeedsOtherFiles_Compiles(int index)
    {
        using var files = new ScriptFiles(InMapping(Blocks[index].Text), "");
        var schema = files.Write("Guide.avsc", Block("json schema"));
        var options = new MapperOptions { Ip2GeoDatabase = "city.mmdb" };

        var mapper = new MappingCompiler(options, NoUserAgents.Instance, geo: null)
            .Compile(new MappingOptions { Name = "guide", Sources = [], Sinks = [], MappingScriptFile = files.Script, SchemaFile = schema });

        Assert.NotNull(mapper);
    }

    [Fact]
    public void Guide_HasExamples() => Assert.True(Examples.Count > 10 && Refused.Count > 0 && Compiled.Count > 0);

    private static (int ExitCode, string Output, string Error) Map(string script)
    {
        using var files = new ScriptFiles(InMapping(script), "");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var arguments = new MappingArguments { Mapping = files.Script, Schema = files.Write("Guide.avsc", Block("json schema")) };
        var exitCode = MapCommand.Run(arguments, new ConfigurationRequest(), new FakeTimeProvider(Now), new StringReader(Event), output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>What a record holds beside nulls, by name; numbers without a fraction of zero, as records print them.</summary>
    private static IEnumerable<string> Fields(string json) => JsonNode.Parse(json)!.AsObject()
        .Where(field => field.Value is not null)
        .Select(field => $"{field.Key}: {FractionOfZero().Replace(field.Value!.ToJsonString(), "")}")
        .Order(StringComparer.Ordinal);

    private static string InMapping(string script) =>
        script.Contains("mapping {", StringComparison.Ordinal) ? script : $"mapping {{\n{script}\n}}";

    private static string Block(string info) => Blocks.Single(block => block.Info == info).Text;

    private static IEnumerable<int> IndexesOf(string info) => Blocks.Index().Where(block => block.Item.Info == info).Select(block => block.Index);

    private static IReadOnlyList<(string Info, string Text)> ReadBlocks()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Divolte.Orleans.sln")))
            directory = directory.Parent;
        var guide = File.ReadAllText(Path.Combine(directory.FullName, "docs", "mapping.md")).ReplaceLineEndings("\n");
        return [.. Fence().Matches(guide).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
    }

    [GeneratedRegex("^```([a-z ]+)\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?<=\d)\.0(?=[,\]}]|$)")]
    private static partial Regex FractionOfZero();
}
