using System.Net;
using Divolte.Frontend;
using Divolte.Frontend.Clustering;
using Divolte.Frontend.Operations;
using Divolte.Frontend.Spool;
using Divolte.TestKit.Visitors;
using Microsoft.Extensions.DependencyInjection;

namespace Divolte.Integration.Tests.Grid;

/// <summary>A frontend and its silo, apart.</summary>
public sealed class FrontendTests
{
    [Fact]
    public async Task SilosAway_PingAnswersAndReadinessTellsWhy_ThenTheGridIsFoundByItself()
    {
        await using var grid = new InProcessGrid();
        var frontend = await grid.StartFrontendAsync();
        var readiness = frontend.Services.GetRequiredService<FrontendReadiness>();

        Assert.Equal(HttpStatusCode.OK, await GetAsync(frontend.Port, "/ping"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(frontend.Port, "/divolte.js"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(frontend.Port, PageView(1).Target));
        Assert.NotNull(readiness.Obstacle());

        await grid.StartSiloAsync();
        await InProcessGrid.WaitAsync("ready", () => readiness.Obstacle() is null);
        await InProcessGrid.SendAsync(frontend, PageView(2));
        // The one that was told 503 may come too: it is tried for some seconds more.
        await InProcessGrid.WaitAsync("event 2", () => DeliveredFiles.Read(grid.Published).Any(record => record is { Number: 2, IsDuplicate: false }));
    }

    [Fact]
    public async Task Repetition_IsFoundWhicheverFrontendGetsIt()
    {
        await using var grid = new InProcessGrid();
        await grid.StartSiloAsync();
        var first = await grid.StartFrontendAsync();
        var second = await grid.StartFrontendAsync();

        for (var number = 0; number < 20; number++)
        {
            await InProcessGrid.SendAsync(number % 2 == 0 ? first : second, PageView(number));
            await InProcessGrid.SendAsync(number % 2 == 0 ? second : first, PageView(number));
        }

        var records = await grid.WaitForRecordsAsync(40);
        Assert.All(records.GroupBy(record => record.Number), same => Assert.Single(same, record => !record.IsDuplicate));
    }

    [Fact]
    public async Task OtherNumberOfShards_IsRefused()
    {
        await using var grid = new InProcessGrid();
        await grid.StartSiloAsync();
        var frontend = await grid.StartFrontendAsync("shards = 32");

        var reason = await frontend.Refused.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Contains("divolte.global.grid.shards = 64", reason, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetAsync(frontend.Port, PageView(1).Target));
    }

    [Fact]
    public async Task SiloRestarted_TheFrontendGoesOn()
    {
        await using var grid = new InProcessGrid();
        await grid.StartSiloAsync();
        var frontend = await grid.StartFrontendAsync();
        await InProcessGrid.SendAsync(frontend, PageView(1));

        await grid.StopSiloAsync();
        await grid.StartSiloAsync();
        await InProcessGrid.SendAsync(frontend, PageView(1));

        var records = await grid.WaitForRecordsAsync(2);
        Assert.Single(records, record => !record.IsDuplicate);
    }

    [Fact]
    public async Task SilosAway_TheSpoolTakesEvents_AndTheyAreSentWhenThereIsASilo()
    {
        await using var grid = new InProcessGrid();
        var frontend = await grid.StartFrontendAsync(grid.Spool("a"));
        Assert.Null(frontend.Services.GetRequiredService<FrontendReadiness>().Obstacle());

        await SendOnceAsync(frontend, 0, 30);
        await grid.StartSiloAsync();
        var records = await grid.WaitForRecordsAsync(30);

        Assert.Equal(30, records.Count);
        Assert.DoesNotContain(records, record => record.IsDuplicate);
        Assert.Equal(0, frontend.Services.GetRequiredService<EventSpool>().WaitingParts);
        await SendOnceAsync(frontend, 15, 45); // half of them again, now directly
        records = await grid.WaitForRecordsAsync(60);
        Assert.All(records.GroupBy(record => record.Number), same => Assert.Single(same, record => !record.IsDuplicate));
    }

    [Fact]
    public async Task FrontendThatStops_KeepsItsSpoolForTheNextStart()
    {
        await using var grid = new InProcessGrid();
        var frontend = await grid.StartFrontendAsync(grid.Spool("a"));
        await SendOnceAsync(frontend, 0, 10);
        await grid.StopFrontendAsync(frontend);

        await grid.StartSiloAsync();
        await grid.StartFrontendAsync(grid.Spool("a"));

        Assert.Equal(10, (await grid.WaitForRecordsAsync(10)).Count);
    }

    [Fact]
    public async Task SiloStoppedInBetween_NoClientNotices()
    {
        await using var grid = new InProcessGrid();
        await grid.StartSiloAsync();
        var frontend = await grid.StartFrontendAsync(grid.Spool("a"));
        await InProcessGrid.WaitAsync("ready", () => frontend.Services.GetRequiredService<GridConnection>().Obstacle is null);

        await SendOnceAsync(frontend, 0, 10);
        await grid.StopSiloAsync();
        await SendOnceAsync(frontend, 10, 20);
        await grid.StartSiloAsync();
        await SendOnceAsync(frontend, 0, 30);

        var records = await grid.WaitForRecordsAsync(50);
        Assert.Equal(50, records.Count);
        Assert.All(records.GroupBy(record => record.Number), same => Assert.Single(same, record => !record.IsDuplicate));
    }

    /// <summary>Every event is acknowledged at its first try.</summary>
    private static async Task SendOnceAsync(FrontendServer frontend, int first, int end)
    {
        using var connection = new BeaconConnection(frontend.Port, TimeSpan.FromSeconds(10));
        for (var number = first; number < end; number++)
            Assert.Equal(200, await connection.SendAsync(PageView(number), TestContext.Current.CancellationToken));
    }

    private static Beacon PageView(long number) =>
        Beacon.PageView("/csc-event", $"0:i1t84hgy:party{number}", "0:i1t84hgy:session", number, 1732320000000);

    private static async Task<HttpStatusCode> GetAsync(int port, string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
