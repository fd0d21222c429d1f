using Divolte.Silo.CommandLine;
using Divolte.TestKit.Processes;

namespace Divolte.Silo.Tests.CommandLine;

public sealed class ReplayCommandTests
{
    /// <summary>A replay claims shards, and in a grid they belong to silos that the command cannot see.</summary>
    [Fact]
    public async Task Grid_IsRefusedBeforeAnythingIsTouched()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", """divolte.global.grid { store = redis, redis = "127.0.0.1:1" }""");
        using var output = new StringWriter();
        using var error = new StringWriter();

        var exitCode = await ReplayCommand.RunAsync(Invocation.Parse(["sinks", "replay", "--config", configuration]), output, error);

        Assert.Equal(1, exitCode);
        Assert.Contains("divolte.global.grid.store = redis", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", output.ToString());
    }
}
