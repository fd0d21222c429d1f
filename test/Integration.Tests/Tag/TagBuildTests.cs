using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>The tag's sources: their own tests, and that what is committed is what they build.</summary>
public sealed class TagBuildTests
{
    private static readonly string Sources = Path.Combine(RepositoryPaths.Root, "Frontend", "Browser", "Tag");

    [Fact]
    public async Task Artefacts_AreWhatTheSourcesBuild()
    {
        using var folder = new TemporaryFolder();
        var copy = Path.Combine(folder.Path, "tag");
        await NodePackages.InstallOrSkipAsync(Sources, copy);
        var built = folder.Below("built");

        var (exitCode, output) = await NodePackages.RunOrSkipAsync("node", copy, TimeSpan.FromMinutes(2), "build.mjs", "--out", built);

        Assert.True(exitCode == 0, output);
        var committed = Path.Combine(Sources, "built");
        Assert.Equal(Directory.GetFiles(committed).Select(Path.GetFileName).Order(), Directory.GetFiles(built).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(built), file => Assert.Equal(File.ReadAllText(Path.Combine(committed, Path.GetFileName(file))), File.ReadAllText(file)));
    }

    [Fact]
    public async Task Units_GiveTheRecordedVectors()
    {
        using var folder = new TemporaryFolder();
        var copy = Path.Combine(folder.Path, "tag");
        await NodePackages.InstallOrSkipAsync(Sources, copy);
        var golden = folder.Below("golden");
        File.Copy(Path.Combine(RepositoryPaths.Root, "test", "Grains.Tests", "Mapping", "Golden", "mincode.jsonl"), Path.Combine(golden, "mincode.jsonl"));
        File.Copy(Path.Combine(RepositoryPaths.Root, "test", "Frontend.Tests", "Golden", "checksum.jsonl"), Path.Combine(golden, "checksum.jsonl"));

        var (checkCode, check) = await NodePackages.RunOrSkipAsync("npm", copy, TimeSpan.FromMinutes(2), "run", "check");
        var (exitCode, output) = await NodePackages.RunOrSkipAsync(
            "node", copy, TimeSpan.FromMinutes(2), new Dictionary<string, string> { ["GOLDEN"] = golden }, "--test", "test");

        var (packCode, pack) = await NodePackages.RunOrSkipAsync("npm", Path.Combine(copy, "npm"), TimeSpan.FromMinutes(1), "pack", "--dry-run", "--json");

        Assert.True(checkCode == 0, check);
        Assert.True(packCode == 0 && pack.Contains("index.d.ts", StringComparison.Ordinal) && pack.Contains("README.md", StringComparison.Ordinal), pack);
        Assert.True(exitCode == 0, output);
    }
}
