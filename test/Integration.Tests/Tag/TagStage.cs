using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Tag;

/// <summary>A real process with one browser source for each kind of settings, and a browser that plays scenarios against it.</summary>
internal sealed class TagStage : IAsyncDisposable
{
    private const string Player = "play.mjs";

    private readonly SiloProcess _silo;
    private readonly TemporaryFolder _folder;
    private readonly string _player;
    private readonly TagEngine _engine;
    private int _runs;

    private TagStage(SiloProcess silo, TemporaryFolder folder, string player, TagEngine engine) =>
        (_silo, _folder, _player, _engine) = (silo, folder, player, engine);

    /// <summary>Starts the process with the settings of all scenarios; skips the test where there is no browser, or nothing to drive it with.</summary>
    public static async Task<TagStage> OpenOrSkipAsync(TemporaryFolder folder, IReadOnlyList<TagScenario> scenarios, TagEngine engine = TagEngine.Chromium)
    {
        var program = engine == TagEngine.Chromium ? "chromium" : "firefox-esr";
        Assert.SkipWhen(!NodePackages.IsThere(program), $"{program} is not installed");
        var player = Path.Combine(folder.Path, "player");
        await NodePackages.InstallOrSkipAsync(Path.Combine(RepositoryPaths.Root, "test", "Integration.Tests", "Tag"), player);
        var all = folder.Write("all.jsonl", string.Join('\n', scenarios.Select(scenario => scenario.Line)));
        var port = FreePort.Next();
        var (exitCode, configuration) = await NodePackages.RunOrSkipAsync(
            "node", player, TimeSpan.FromSeconds(30), new Dictionary<string, string> { ["UPPORT"] = Text(port) }, Player, "--print-conf", "--scenarios", all);
        Assert.True(exitCode == 0, configuration);
        var silo = await SiloProcess.StartAsync(
            new SiloProcessSettings
            {
                DataDirectory = folder.Below("data"),
                WorkingDirectory = folder.Path,
                Arguments = ["--config", folder.Write("tag.conf", configuration)],
                Port = port,
            },
            TestContext.Current.CancellationToken);
        return new TagStage(silo, folder, player, engine);
    }

    /// <summary>Plays a scenario of our own on a stage of its own.</summary>
    /// <returns>What was observed.</returns>
    public static async Task<JsonElement> PlayOneAsync(TagScenario scenario, TagEngine engine = TagEngine.Chromium)
    {
        using var folder = new TemporaryFolder();
        await using var stage = await OpenOrSkipAsync(folder, [scenario], engine);
        return (await stage.PlayAsync([scenario]))[scenario.Name];
    }

    /// <summary>Plays scenarios one after the other.</summary>
    /// <returns>What was observed, by the name of the scenario.</returns>
    public async Task<IReadOnlyDictionary<string, JsonElement>> PlayAsync(IReadOnlyList<TagScenario> scenarios)
    {
        var run = Text(++_runs);
        var chosen = _folder.Write($"chosen-{run}.jsonl", string.Join('\n', scenarios.Select(scenario => scenario.Line)));
        var outcome = Path.Combine(_folder.Path, $"outcome-{run}.jsonl");
        var environment = new Dictionary<string, string>
        {
            ["COLLECTOR"] = $"http://127.0.0.1:{_silo.Port}",
            ["FRONT_PORT"] = Text(FreePort.Next()),
            ["PAGES"] = Path.Combine(TagScenario.Folder, "pages"),
        };
        var limit = TimeSpan.FromMinutes(1) + (scenarios.Count * TimeSpan.FromSeconds(20));
        var (exitCode, output) = await NodePackages.RunOrSkipAsync(
            "node", _player, limit, environment, Player, "--engine", _engine == TagEngine.Chromium ? "chromium" : "firefox", "--scenarios", chosen, "--out", outcome);
        Assert.True(exitCode == 0, output);
        return (await File.ReadAllLinesAsync(outcome)).Where(line => line.Length > 0).Select(line => JsonElement.Parse(line))
            .ToDictionary(row => row.GetProperty("name").GetString()!, row => row.GetProperty("expect"));
    }

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    private static string Text(int number) => number.ToString(provider: null);
}
