using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Configuration.Loading;

namespace Divolte.Silo.Tests;

public sealed class StartCheckTests
{
    [Fact]
    public void Defaults_AreAllThere() => Assert.Empty(StartCheck.FindProblems(Load("")));

    [Theory]
    [InlineData("""global.grid { store = redis, redis = "localhost:6379" }""", "divolte.global.grid.store")]
    [InlineData("""global.grid.spool.directory = "/var/spool/divolte" """, "divolte.global.grid.spool.directory")]
    [InlineData("""global.hdfs.client { fs.defaultFS = "hdfs://name-node:8020" }""", "hdfs://name-node:8020")]
    [InlineData("""global.gcps { enabled = true, project_id = p }""", "divolte.sinks.gcps")]
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

    private static DivolteConfiguration Load(string setting)
    {
        var loaded = ConfigurationLoader.LoadText($"divolte {{ {setting} }}");
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Violations));
        return loaded.Configuration;
    }
}
