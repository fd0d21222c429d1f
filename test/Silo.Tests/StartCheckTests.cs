using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.TestKit.Geo;
using Divolte.TestKit.Processes;

namespace Divolte.Silo.Tests;

public sealed class StartCheckTests
{
    [Fact]
    public void Defaults_AreAllThere() => Assert.Empty(StartCheck.FindProblems(Load(""), out _));

    [Theory]
    [InlineData("""global.grid.spool.directory = "/var/spool/divolte" """, "divolte.global.grid.spool.directory")]
    [InlineData("""global.hdfs.client { fs.defaultFS = "hdfs://name-node:8020" }""", "hdfs://name-node:8020")]
    [InlineData("""global.gcps { enabled = true, project_id = p }""", "divolte.sinks.gcps")]
    [InlineData("""global.gcs.enabled = true, sinks.cloud { type = gcs, bucket = b }, mappings.m { sources = [browser], sinks = [cloud] }""", "divolte.sinks.cloud")]
    public void WhatThisReleaseDoesNotHave_IsRefused(string setting, string named)
    {
        var problem = Assert.Single(StartCheck.FindMissing(Load(setting)));

        Assert.Contains(named, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("global.hdfs.client {}")]
    [InlineData("""global.hdfs.client { fs.defaultFS = "file:///" }""")]
    [InlineData("sinks { cloud { type = gcps } }, mappings { all { sources = [browser], sinks = [cloud] } }")]
    public void WhatIsNotUsed_IsNotRefused(string setting) => Assert.Empty(StartCheck.FindMissing(Load(setting)));

    [Theory]
    [InlineData("map duplicate() onto 'detectedDuplicate'", "", false)]
    [InlineData("when duplicate().equalTo(true) apply { stop() }", "", false)]
    [InlineData("map corrupt() onto 'detectedCorruption'", "discard_duplicates = true", false)]
    [InlineData("map corrupt() onto 'detectedCorruption'", "", true)]
    public void MappingThatHidesRepetitions_IsAWarning(string action, string setting, bool isExpected)
    {
        using var folder = new TemporaryFolder();
        var script = folder.Write("mapping.groovy", "mapping { " + action + " }");
        var schema = folder.Write("schema.avsc", """
            {"type": "record", "name": "Event", "fields": [
              {"name": "detectedDuplicate", "type": "boolean", "default": false}, {"name": "detectedCorruption", "type": "boolean", "default": false}]}
            """);
        var mapping = $$"""mappings.m { sources = [browser], sinks = [hdfs], schema_file = "{{schema}}", mapping_script_file = "{{script}}", {{setting}} }""";

        Assert.Empty(StartCheck.FindProblems(Load(mapping), out var warnings));

        Assert.Equal(isExpected, warnings.Any(warning => warning.StartsWith("divolte.mappings.m: repeated events", StringComparison.Ordinal)));
    }

    [Fact]
    public void SpillDirectoryThatIsNotThere_IsAProblemOfAGridAlone()
    {
        using var folder = new TemporaryFolder();
        string Setting(string store, string directory) =>
            $$"""global.grid { store = {{store}}, redis = "localhost:6379", spill.directory = "{{directory}}" }""";
        var missing = Path.Combine(folder.Path, "missing");

        Assert.Contains(missing, Assert.Single(StartCheck.FindProblems(Load(Setting("redis", missing)), out _)), StringComparison.Ordinal);
        Assert.Empty(StartCheck.FindProblems(Load(Setting("redis", folder.Path)), out _));
        Assert.Empty(StartCheck.FindProblems(Load(Setting("local", missing)), out _));
        Assert.False(StableStorage.IsWritable(missing));
    }

    [Fact]
    public void ProducerPropertyWithoutEffect_IsOneWarningForAllSinks()
    {
        const string Setting = "global { hdfs.enabled = false, kafka { enabled = true, producer.group.id = g } }, sinks { a { type = kafka }, b { type = kafka, delivery = exactly_once } }";

        Assert.Empty(StartCheck.FindProblems(Load(Setting), out var warnings));

        Assert.Equal("divolte.global.kafka.producer: producer property group.id is ignored: it belongs to consumers", Assert.Single(warnings));
    }

    [Theory]
    [InlineData("missing.mmdb", "there is no such file")]
    [InlineData("GeoIP2-City-Test-Broken-Double-Format.mmdb", "its data are damaged")]
    [InlineData("GeoLite2-ASN-Test.mmdb", "a City database is needed")]
    public void DatabaseOfPlacesThatCannotBeUsed_IsNamedBesideOtherMistakes(string name, string reason)
    {
        using var folder = new TemporaryFolder();
        var script = folder.Write("mapping.groovy", "mapping { map ip2geo().cityName() onto 'missing' }");
        var schema = folder.Write("schema.avsc", """{"type": "record", "name": "Event", "fields": []}""");
        var database = GeoDatabases.PathOf(name);

        var problems = StartCheck.FindProblems(
            Load($$"""
                global.mapper.ip2geo_database = "{{database}}"
                mappings.m { sources = [browser], sinks = [hdfs], schema_file = "{{schema}}", mapping_script_file = "{{script}}" }
                """),
            out _);

        Assert.Contains(problems, problem =>
            problem.StartsWith($"divolte.global.mapper.ip2geo_database = {database}: ", StringComparison.Ordinal) && problem.Contains(reason, StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("Field missing does not exist", StringComparison.Ordinal));
    }

    [Fact]
    public void DatabaseOfPlaces_IsNoProblem() =>
        Assert.Empty(StartCheck.FindProblems(Load($"global.mapper.ip2geo_database = \"{GeoDatabases.City}\""), out _));

    private static DivolteConfiguration Load(string setting)
    {
        var loaded = ConfigurationLoader.LoadText($"divolte {{ {setting} }}");
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Violations));
        return loaded.Configuration;
    }
}
