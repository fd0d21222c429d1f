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
