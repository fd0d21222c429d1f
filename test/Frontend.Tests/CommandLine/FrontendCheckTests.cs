using Divolte.Frontend.CommandLine;
using Divolte.Grains.Interfaces.Configuration.Loading;
using Xunit;

namespace Divolte.Frontend.Tests.CommandLine;

public sealed class FrontendCheckTests
{
    [Fact]
    public void LocalStore_IsRefusedWithTheWayOut()
    {
        var (code, _, error) = Check([]);

        Assert.Equal(1, code);
        Assert.Contains("store = local", error, StringComparison.Ordinal);
        Assert.Contains("Divolte.Silo", error, StringComparison.Ordinal);
    }

    [Fact]
    public void RedisStore_IsTaken()
    {
        var (code, output, error) = Check(["-Ddivolte.global.grid.store=redis", "-Ddivolte.global.grid.redis=localhost:6379"]);

        Assert.True(code == 0, error);
        Assert.Contains("grace period", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check", "Check", null)]
    [InlineData("--version", "Version", null)]
    [InlineData("sinks", "Help", "'sinks' is not understood")]
    [InlineData("check more", "Help", "'more' is not understood here")]
    [InlineData("--config", "Help", "--config needs a file")]
    public void Words_AreRead(string line, string command, string? mistake)
    {
        var invocation = FrontendInvocation.Parse(line.Split(' '));

        Assert.Equal(mistake, invocation.Mistake);
        Assert.Equal(command, invocation.Command.ToString());
    }

    private static (int Code, string Output, string Error) Check(string[] overrides)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = FrontendCheck.Run(new ConfigurationRequest { Overrides = overrides }, TimeSpan.FromSeconds(10), output, error);
        return (code, output.ToString(), error.ToString());
    }
}
