using System.Globalization;
using System.Net;
using System.Text.Json;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Formats;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Integration.Tests.Grid;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Live;

/// <summary>The live page in a real browser, over a real process or a grid that takes events meanwhile.</summary>
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
        await using var silo = await SingleSilo.StartAsync(folder);

        var shown = await LookAsync(folder, silo.Admin("/"), width, [silo.Process.Port], frontends: 1);

        Assert.StartsWith("serving", shown.GetProperty("state").GetString(), StringComparison.Ordinal);
        Assert.Empty(Texts(shown, "errors"));
        Assert.Equal([silo.Admin("/").Authority], Texts(shown, "hosts"));
        Assert.Equal(0, shown.GetProperty("overflow").GetInt32());
        Assert.True(shown.GetProperty("drawn").GetBoolean());
        Assert.Equal(64, shown.GetProperty("shards").GetInt32());
        Assert.Contains(Texts(shown, "sources"), text => text.StartsWith("browser", StringComparison.Ordinal));
        AssertEdge(shown, ["browser", "app"], [silo.Process.Port]);
        Assert.Contains("Firefox", Texts(shown, "browsers"));
        var sink = Assert.Single(shown.GetProperty("sinks").EnumerateArray()).EnumerateArray().Select(cell => cell.GetString()!).ToList();
        Assert.Equal(("files", "running", "all", "balanced"), (sink[0], sink[1], sink[2], sink[7]));
        var record = Assert.Single(Texts(shown, "records"));
        Assert.Contains("partyId", record, StringComparison.Ordinal);
        Assert.DoesNotContain(Party, record, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ShowsTheEdgeOfEveryFrontend()
    {
        using var folder = new TemporaryFolder();
        await using var grid = new InProcessGrid();
        await grid.StartSiloAsync();
        int[] ports = [(await grid.StartFrontendAsync()).Port, (await grid.StartFrontendAsync()).Port];

        var shown = await LookAsync(folder, grid.Admin("/"), 1280, ports, frontends: 2);

        Assert.Empty(Texts(shown, "errors"));
        Assert.Equal(0, shown.GetProperty("overflow").GetInt32());
        AssertEdge(shown, ["browser"], ports);
    }

    /// <summary>More frontends than the page shows: those that are there come before those that are gone, and how many are left out is said.</summary>
    [Fact]
    public async Task Page_ShowsAHundredFrontendsAndCountsTheOthers()
    {
        const int there = 120, gone = 30, shownMax = 100;
        using var folder = new TemporaryFolder();
        await using var grid = new InProcessGrid();
        await grid.StartSiloAsync();
        var frontend = await grid.StartFrontendAsync();
        var edge = grid.Grains.GetGrain<IEdgeGrain>(0);
        await Task.WhenAll(Enumerable.Range(0, gone).Select(number => edge.ReportAsync(Report($"a-gone-{number}:8290"))));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var telling = TellAsync(edge, [.. Enumerable.Range(1, there - 1).Select(number => Report($"b-there-{number}:8290"))], end.Token);
        IReadOnlyList<FrontendEdge> told = [];
        for (var attempt = 0; told.Count(one => one.IsGone) != gone; attempt++)
        {
            Assert.True(attempt < 300, "Those that fell silent are not told as gone within half a minute.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
            told = await edge.GetAsync();
        }

        var shown = await LookAsync(folder, grid.Admin("/"), 1280, [frontend.Port], there);
        await end.CancelAsync();
        await telling;

        Assert.Empty(Texts(shown, "errors"));
        var rows = shown.GetProperty("edge").EnumerateArray().Select(row => row.EnumerateArray().First().GetString()).ToList();
        Assert.Equal(shownMax, rows.Count(state => state == "there"));
        Assert.DoesNotContain("gone", rows);
        Assert.Equal($"{there} frontends, {gone} gone and not in the sum; {there + gone - shownMax} not shown", shown.GetProperty("frontends").GetString());
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

    /// <summary>What a browser shows of the page while visitors come.</summary>
    /// <param name="folder">Folder of the test.</param>
    /// <param name="page">The page.</param>
    /// <param name="width">Width of the window.</param>
    /// <param name="ports">Public ports; each gets visitors.</param>
    /// <param name="frontends">How many frontends that are there are waited for.</param>
    private static async Task<JsonElement> LookAsync(TemporaryFolder folder, Uri page, int width, int[] ports, int frontends)
    {
        Assert.SkipWhen(!NodePackages.IsThere("chromium"), "chromium is not installed");
        var viewer = Path.Combine(folder.Path, "viewer");
        await NodePackages.InstallOrSkipAsync(Path.Combine(RepositoryPaths.Root, "test", "Integration.Tests", "Live"), viewer);
        using var visits = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var visiting = VisitAsync(ports, visits.Token);

        var (exitCode, output) = await NodePackages.RunOrSkipAsync(
            "node", viewer, TimeSpan.FromSeconds(60), "look.mjs", page.ToString(), width.ToString(CultureInfo.InvariantCulture), frontends.ToString(CultureInfo.InvariantCulture));
        await visits.CancelAsync();
        await visiting;

        Assert.True(exitCode == 0, output);
        return JsonDocument.Parse(output.Split('\n')[0]).RootElement;
    }

    /// <summary>The sum and every frontend are there, balanced, with the bad requests by their reason.</summary>
    private static void AssertEdge(JsonElement shown, string[] sources, int[] ports)
    {
        var rows = shown.GetProperty("edge").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetString()!).ToArray()).ToList();
        Assert.Equal(sources.Length * (1 + ports.Length), rows.Count);
        Assert.All(rows, row => Assert.Equal("balanced", row[6]));
        Assert.All(ports, port => Assert.Contains(rows, row => row[0] == "there" && row[1].Contains($":{port}, since ", StringComparison.Ordinal)));
        var browser = rows.Where(row => row[2] == "browser").ToList();
        Assert.All(browser, row => Assert.StartsWith("party_id ", row[5], StringComparison.Ordinal));
        Assert.Equal(Received(browser[0]), browser.Skip(1).Sum(Received));
        Assert.Equal("sum", browser[0][0]);

        static long Received(string[] row) => long.Parse(row[3], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    private static EdgeReport Report(string name) =>
        new(Guid.NewGuid(), name, DateTimeOffset.UtcNow, [new SourceEdge("browser", 1, 1, new Dictionary<DropReason, long>())], GridFormat.Latest);

    /// <summary>Tells the grid of frontends once a second, as frontends do.</summary>
    private static async Task TellAsync(IEdgeGrain edge, IReadOnlyList<EdgeReport> frontends, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(frontends.Select(edge.ReportAsync));
            await Task.Delay(1000, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>New page views, repeated ones and bad ones, for as long as somebody looks.</summary>
    private static async Task VisitAsync(int[] ports, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        try
        {
            for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
            {
                var port = ports[number % ports.Length];
                await GetAsync(http, port, SingleSilo.PageView(number, Party).Target);
                await GetAsync(http, port, SingleSilo.PageView(number, Party).Target);
                await GetAsync(http, port, "/csc-event?p=nobody");
                await Task.Delay(20, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Seen enough.
        }
    }

    private static async Task GetAsync(HttpClient http, int port, string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{port}{target}"));
        request.Headers.UserAgent.ParseAdd(Agent);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Texts(JsonElement shown, string name) => shown.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);
}
