using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>The test page in a real browser, under a policy that allows its own files alone.</summary>
[Trait("Needs", "Chromium")]
public sealed class TestPageTests
{
    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Page_ShowsWhatItSent(int width)
    {
        Assert.SkipWhen(!NodePackages.IsThere("chromium"), "chromium is not installed");
        using var folder = new TemporaryFolder();
        var player = Path.Combine(folder.Path, "player");
        await NodePackages.InstallOrSkipAsync(Path.Combine(RepositoryPaths.Root, "test", "Integration.Tests", "Tag"), player);
        await using var silo = await SingleSilo.StartAsync(folder);

        var (exitCode, output) = await NodePackages.RunOrSkipAsync(
            "node", player, TimeSpan.FromMinutes(1), "page.mjs", silo.Public("/").ToString(), width.ToString(provider: null));

        Assert.True(exitCode == 0, output);
        var shown = JsonElement.Parse(output);
        Assert.Empty(shown.GetProperty("errors").EnumerateArray());
        Assert.Equal("The tag is there.", shown.GetProperty("state").GetString());
        Assert.StartsWith("The parameters are no JSON", shown.GetProperty("mistake").GetString(), StringComparison.Ordinal);
        Assert.Equal([silo.Public("/").GetLeftPart(UriPartial.Authority)], shown.GetProperty("origins").EnumerateArray().Select(origin => origin.GetString()!));
        Assert.Equal(shown.GetProperty("tag").GetString(), shown.GetProperty("ids")[0].GetString());
        Assert.Equal((0, 0), (shown.GetProperty("overflow").GetInt32(), shown.GetProperty("small").GetInt32()));
        var events = shown.GetProperty("events");
        Assert.Equal(["bannerClick", "pageView"], events.EnumerateArray().Select(sent => sent.GetProperty("rows").GetProperty("type (t)").GetString()!));
        Assert.Contains("answered 200", events[0].GetProperty("summary").GetRawText(), StringComparison.Ordinal);
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""{"text":"a!b~c","list":[1,-2.5,null,true],"__proto__":{"deep":{}}}"""),
            JsonElement.Parse(events[0].GetProperty("rows").GetProperty("parameters (u)").GetString()!)));
    }
}
