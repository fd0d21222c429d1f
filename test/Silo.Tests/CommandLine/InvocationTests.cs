using Divolte.Silo.CommandLine;
using Xunit;

namespace Divolte.Silo.Tests.CommandLine;

public sealed class InvocationTests
{
    [Fact]
    public void NoArguments_RunWithoutFile()
    {
        var invocation = Invocation.Parse([]);

        Assert.Equal(Command.Run, invocation.Command);
        Assert.Null(invocation.Configuration.ConfigFile);
        Assert.Null(invocation.Mistake);
    }

    [Theory]
    [InlineData("--config", "a.conf", "check")]
    [InlineData("check", "--config", "a.conf")]
    [InlineData("check", "--config=a.conf", "-Ddivolte.global.server.port=1")]
    public void Check_TakesItsOptionsOnEitherSide(params string[] arguments)
    {
        var invocation = Invocation.Parse(arguments);

        Assert.Equal(Command.Check, invocation.Command);
        Assert.Equal("a.conf", invocation.Configuration.ConfigFile);
        Assert.Null(invocation.Mistake);
    }

    [Fact]
    public void Tag_TakesItsConfiguration()
    {
        var invocation = Invocation.Parse(["tag", "--config", "a.conf"]);

        Assert.Equal(Command.Tag, invocation.Command);
        Assert.Equal("a.conf", invocation.Configuration.ConfigFile);
        Assert.NotNull(Invocation.Parse(["tag", "surplus"]).Mistake);
    }

    [Theory]
    [InlineData("format")]
    [InlineData("format", "raise")]
    [InlineData("format", "raise", "--force")]
    public void Format_TakesRaiseOrNothing(params string[] words)
    {
        var invocation = Invocation.Parse(words);

        Assert.Equal(Command.Format, invocation.Command);
        Assert.Equal(words.Skip(1), invocation.Operands);
        Assert.NotNull(Invocation.Parse([.. words, "surplus"]).Mistake);
    }

    [Fact]
    public void Cat_KeepsItsFilesInOrder() => Assert.Equal(["b.avro", "a.avro"], Invocation.Parse(["cat", "b.avro", "a.avro"]).Operands);

    [Theory]
    [InlineData("release", "kafka")]
    [InlineData("restart", "kafka", "oldest")]
    [InlineData("restart", "kafka", "now")]
    public void Sinks_TakesActionAndName(params string[] words)
    {
        var invocation = Invocation.Parse(["sinks", .. words]);

        Assert.Equal(Command.Sinks, invocation.Command);
        Assert.Equal(words, invocation.Operands);
    }

    [Fact]
    public void Replay_TakesSinkFilterAndDryRunInAnyOrder()
    {
        var invocation = Invocation.Parse(["sinks", "replay", "--reason", "too large", "kafka", "--mapping=all", "--config", "a.conf", "--dry-run"]);
        var read = ReplayArguments.Read(invocation.Operands);

        Assert.Equal(Command.Replay, invocation.Command);
        Assert.Null(invocation.Mistake);
        Assert.Equal("a.conf", invocation.Configuration.ConfigFile);
        Assert.Equal(("kafka", "all", "too large", true), (read.Sink, read.Filter.Mapping, read.Filter.Reason, read.IsDryRun));
    }

    [Fact]
    public void ReplayOfEverything_NeedsNoMoreWords() => Assert.Equal(new ReplayArguments(), ReplayArguments.Read([]));

    [Theory]
    [InlineData("--config")]
    [InlineData("--nonsense")]
    [InlineData("start")]
    [InlineData("cat")]
    [InlineData("check", "check")]
    [InlineData("check", "file")]
    [InlineData("sinks")]
    [InlineData("sinks", "restart", "kafka")]
    [InlineData("sinks", "restart", "kafka", "yesterday")]
    [InlineData("sinks", "replay", "kafka", "files")]
    [InlineData("sinks", "replay", "--mapping")]
    [InlineData("sinks", "replay", "--reason=")]
    [InlineData("sinks", "replay", "--dry-run=yes")]
    [InlineData("sinks", "replay", "--all")]
    public void WhatIsNotUnderstood_IsAMistake(params string[] arguments) => Assert.NotNull(Invocation.Parse(arguments).Mistake);

    [Fact]
    public void Help_WinsOverTheRest()
    {
        var invocation = Invocation.Parse(["check", "--help"]);

        Assert.Equal(Command.Help, invocation.Command);
        Assert.Null(invocation.Mistake);
    }
}
