using System.Net;
using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Live;

/// <summary>The live page in a real browser, over a real process that takes events meanwhile.</summary>
public sealed class LivePageTests
{
    private const string Agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    private const string Party = "0:i1t84hgy:liveliveliveliveliveliveliveli00";

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Page_ShowsWhatHappensNow(int width)
    {
        using var folder = new TemporaryFolder();
        var viewer = Path.Combine(folder.Path, "viewer");
        Assert.SkipWhen(!NodePackages.IsThere("chromium"), "chromium is not installed");
        await NodePackages.InstallOrSkipAsync(Path.Combine(RepositoryPaths.Root, "test", "Integration.Tests", "Live"), viewer);
        await using var silo = await SingleSilo.StartAsync(folder);
        using var visits = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var visiting = VisitAsync(silo, visits.Token);

        var (exitCode, output) = await NodePackages.RunOrSkipAsync(
            "node", viewer, TimeSpan.FromSeconds(60), "look.mjs", silo.Admin("/").ToString(), width.ToString(provider: null));
        await visits.CancelAsync();
        await visiting;

        Assert.True(exitCode == 0, output);
        var shown = JsonDocument.Parse(output.Split('\n')[0]).RootElement;
        Assert.StartsWith("serving", shown.GetProperty("state").GetString(), StringComparison.Ordinal);
        Assert.Empty(Texts(shown, "errors"));
        Assert.Equal([silo.Admin("/").Authority], Texts(shown, "hosts"));
        Assert.Equal(0, shown.GetProperty("overflow").GetInt32());
        Assert.True(shown.GetProperty("drawn").GetBoolean());
        Assert.Equal(64, shown.GetProperty("shards").GetInt32());
        Assert.Contains(Texts(shown, "sources"), text => text.StartsWith("browser", StringComparison.Ordinal));
        Assert.Contains("party_id", Texts(shown, "edge"));
        Assert.Contains("Firefox", Texts(shown, "browsers"));
        var sink = Assert.Single(shown.GetProperty("sinks").EnumerateArray()).EnumerateArray().Select(cell => cell.GetString()!).ToList();
        Assert.Equal(("files", "running", "all", "balanced"), (sink[0], sink[1], sink[2], sink[7]));
        var record = Assert.Single(Texts(shown, "records"));
        Assert.Contains("partyId", record, StringComparison.Ordinal);
        Assert.DoesNotContain(Party, record, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", record, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/live/events")]
    public async Task Stranger_SeesNothing(string path)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);
        using var request = new HttpRequestMessage(HttpMethod.Get, silo.Admin(path)) { Headers = { Host = "collector.example.com" } };

        using var answer = await silo.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    /// <summary>New page views, repeated ones and bad ones, for as long as somebody looks.</summary>
    private static async Task VisitAsync(SingleSilo silo, CancellationToken cancellationToken)
    {
        try
        {
            for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
            {
                await GetAsync(silo, SingleSilo.PageView(number, Party).Target);
                await GetAsync(silo, SingleSilo.PageView(number, Party).Target);
                await GetAsync(silo, "/csc-event?p=nobody");
                await Task.Delay(20, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Seen enough.
        }
    }

    private static async Task GetAsync(SingleSilo silo, string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, silo.Public(target));
        request.Headers.UserAgent.ParseAdd(Agent);
        using var answer = await silo.SendAsync(request);
    }

    private static IEnumerable<string> Texts(JsonElement shown, string name) => shown.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
}
