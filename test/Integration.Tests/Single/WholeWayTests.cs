using System.Net;
using System.Net.Http.Headers;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Integration.Tests.Single;

/// <summary>A request goes in, a record comes out: one process, real files.</summary>
public sealed class WholeWayTests
{
    [Fact]
    public async Task BrowserEvent_IsARecordInAPublishedFile()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);

        await silo.SendPageViewAsync(17);

        var record = Assert.Single(await silo.WaitForRecordsAsync(1));
        Assert.Equal(17, record.Number);
        Assert.False(record.IsDuplicate);
    }

    [Fact]
    public async Task JsonEvent_IsARecordInAPublishedFile()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);
        using var request = new HttpRequestMessage(HttpMethod.Post, silo.Public("/app?p=0%3Ai1t84hgy%3Ajsonjsonjsonjsonjsonjsonjsonjs00"))
        {
            Content = new StringContent("""
                {"session_id":"0:i1t84hgy:sessionsessionsessionsessionse00","event_id":"e1","is_new_party":false,"is_new_session":false,
                 "client_timestamp_iso":"2026-11-24T12:00:00Z","event_type":"pageView","parameters":{"a":1}}
                """, new MediaTypeHeaderValue("application/json")),
        };

        using var answer = await silo.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("0:i1t84hgy:jsonjsonjsonjsonjsonjsonjsonjs00", Assert.Single(await silo.WaitForRecordsAsync(1)).PartyId);
    }

    [Fact]
    public async Task RepetitionAfterAKill_IsFlagged()
    {
        using var folder = new TemporaryFolder();
        var settings = SingleSilo.Settings(folder);
        await using (var first = await SingleSilo.StartAsync(folder, settings))
        {
            await first.SendPageViewAsync(1);
            await first.Process.KillAsync();
        }
        await using var second = await SingleSilo.StartAsync(folder, settings);

        await second.SendPageViewAsync(1);
        await second.SendPageViewAsync(2);

        var records = await second.WaitForRecordsAsync(3);
        Assert.Equal([false, true], records.Where(record => record.Number == 1).Select(record => record.IsDuplicate));
        Assert.Equal([false], records.Where(record => record.Number == 2).Select(record => record.IsDuplicate));
    }

    [Fact]
    public async Task NoConfigurationAtAll_ServesTheTestPageAndWritesToTheDataDirectory()
    {
        using var folder = new TemporaryFolder();
        var settings = new SiloProcessSettings { DataDirectory = folder.Below("data"), WorkingDirectory = folder.Path };
        await using var silo = await SingleSilo.StartAsync(folder, settings);

        using var page = await silo.GetAsync(silo.Public("/"));
        using var script = await silo.GetAsync(silo.Public("/divolte.js"));
        await silo.SendPageViewAsync(3);
        Assert.Equal(143, await silo.Process.StopAsync(TimeSpan.FromSeconds(30)));

        Assert.Contains("Divolte", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
        Assert.Equal(3, Assert.Single(DeliveredFiles.Read(Path.Combine(settings.DataDirectory, "files"))).Number);
    }
}
