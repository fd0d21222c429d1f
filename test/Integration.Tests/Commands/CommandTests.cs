using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Commands;

/// <summary>What the program does besides running.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Help_NamesEveryCommand()
    {
        var (exitCode, output) = await RunAsync("--help");

        Assert.Equal(0, exitCode);
        Assert.All(["check", "tag", "cat", "sinks", "--config", "--version"], word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_IsOneLine()
    {
        var (exitCode, output) = await RunAsync("--version");

        Assert.Equal(0, exitCode);
        Assert.Matches("^divolte [0-9]+\\.[0-9]+\\.[0-9]+", output);
    }

    [Fact]
    public async Task Tag_PrintsTheElementWithItsDigest()
    {
        var (exitCode, output) = await RunAsync("tag");

        Assert.Equal(0, exitCode);
        Assert.Matches("<script src=\"//HOST/divolte\\.js\" integrity=\"sha384-[A-Za-z0-9+/]{64}\" crossorigin=\"anonymous\" defer async></script>", output);
    }

    [Fact]
    public async Task UnknownWord_EndsWithTwo()
    {
        var (exitCode, output) = await RunAsync("dance");

        Assert.Equal(2, exitCode);
        Assert.Contains("'dance'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckOfNothing_ShowsTheDefaults()
    {
        var (exitCode, output) = await RunAsync("check");

        Assert.Equal(0, exitCode);
        Assert.Contains("shutdown_delay", output, StringComparison.Ordinal);
        Assert.Contains("On SIGTERM", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_TellsEveryProblemAndMakesNothing()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", $$"""
            divolte {
              sinks {
                first { type = hdfs, file_strategy { working_dir = "{{folder.Path}}", publish_dir = "{{folder.Path}}" } }
                second { type = hdfs, file_strategy { working_dir = "{{folder.Path}}", publish_dir = "{{folder.Path}}" } }
              }
              mappings {
                one { sources = [browser], sinks = [first], schema_file = "{{folder.Path}}/missing.avsc", mapping_script_file = "{{folder.Path}}/missing.groovy" }
                two { sources = [browser], sinks = [second], schema_file = "{{folder.Write("broken.avsc", "{")}}", mapping_script_file = "{{folder.Write("empty.groovy", "")}}" }
              }
            }
            """);

        var (exitCode, output) = await RunAsync("check", "--config", configuration);

        Assert.Equal(1, exitCode);
        Assert.Contains("missing.avsc", output, StringComparison.Ordinal);
        Assert.Contains("broken.avsc", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "data")));
    }

    /// <summary>Keys, values, rules across objects, schemas and scripts: one kind of mistake hides no other.</summary>
    [Fact]
    public async Task Check_TellsMistakesOfEveryKindAtOnce()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", $$"""
            divolte {
              global.server { prot = 1, port = 70000, shutdown_delay = 5 }
              sources.a { type = browser, javascript.name = 404.exe }
              sources.b { type = jsn }
              sinks.k { type = kafka, mode = confluent }
              mappings.m { sources = [a, b, nope], sinks = [k], schema_file = "{{folder.Path}}/missing.avsc", mapping_script_file = "{{folder.Path}}/missing.groovy" }
            }
            """);

        var (exitCode, output) = await RunAsync("check", "--config", configuration);

        Assert.Equal(1, exitCode);
        Assert.All(
            [
                "Unknown setting 'prot' (did you mean 'port'?).\n", "'divolte.global.server.port' must be from 0 to 65535. Found: '70000'",
                "\"global.server.shutdown_delay\"", "'divolte.sources[a].javascript.name' must match", "\"sources.b.type\"",
                "these are not: [nope]", "must have a confluent_id; these have none: [m]", "missing.avsc", "divolte-collector.conf: 6", "has 8 mistakes",
            ],
            text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_MasksSecrets()
    {
        using var folder = new TemporaryFolder();
        var configuration = folder.Write("divolte-collector.conf", "divolte { global { admin { token = s3cret } } }");

        var (exitCode, output) = await RunAsync("check", "--config", configuration);

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await using var process = SiloProcess.Launch(new SiloProcessSettings { DataDirectory = folder.Below("data"), WorkingDirectory = folder.Path, Arguments = arguments });
        return (await process.WaitForExitAsync(TimeSpan.FromSeconds(30)), process.Output);
    }
}
