using Divolte.Silo.CommandLine;
using Xunit;

namespace Divolte.Silo.Tests.CommandLine;

public sealed class InvocationTests
{
    [Fact]
    public void NoArguments_RunWithoutFile()
    {
        var line = Invocation.Parse([]);

        Assert.Equal(Command.Run, line.Command);
        Assert.Null(line.ConfigurationFile);
        Assert.Null(line.Mistake);
    }

    [Theory]
    [InlineData("--config", "a.conf")]
    [InlineData("-c", "a.conf")]
    [InlineData("--config=a.conf", null)]
    public void Config_NamesTheFile(string first, string? second)
    {
        var line = Invocation.Parse(second is null ? [first] : [first, second]);

        Assert.Equal("a.conf", line.ConfigurationFile);
    }

    [Fact]
    public void Check_TakesConfigOnEitherSide()
    {
        var before = Invocation.Parse(["--config", "a.conf", "check"]);
        var after = Invocation.Parse(["check", "--config", "a.conf"]);

        Assert.Equal((Command.Check, "a.conf"), (before.Command, before.ConfigurationFile));
        Assert.Equal((Command.Check, "a.conf"), (after.Command, after.ConfigurationFile));
    }

    [Fact]
    public void Cat_KeepsItsFilesInOrder() =>
        Assert.Equal(["b.avro", "-", "a.avro"], Invocation.Parse(["cat", "b.avro", "-", "a.avro"]).Files);

    [Fact]
    public void Properties_OfTheCommandLineComeAfterThoseOfTheJavaOptions()
    {
        var line = Invocation.Parse(["-Ddivolte.global.server.port=2", "-Ddivolte.a=x=y"], "-Xmx1g -Ddivolte.global.server.port=1 -Dother=3");

        Assert.Equal([new("divolte.global.server.port", "1"), new("divolte.global.server.port", "2"), new("divolte.a", "x=y")], line.Properties);
    }

    [Theory]
    [InlineData("--config")]
    [InlineData("--nonsense")]
    [InlineData("start")]
    [InlineData("-D=x")]
    [InlineData("-Dx")]
    [InlineData("cat")]
    [InlineData("check", "check")]
    [InlineData("check", "file")]
    public void WhatIsNotUnderstood_IsAMistake(params string[] arguments) =>
        Assert.NotNull(Invocation.Parse(arguments).Mistake);

    [Fact]
    public void Help_WinsOverTheRest() =>
        Assert.Equal(Command.Help, Invocation.Parse(["check", "--help"]).Command);
}
