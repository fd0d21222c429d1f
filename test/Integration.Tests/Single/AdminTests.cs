using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Integration.Tests.Single;

/// <summary>What operators and their tools see, and who may see it.</summary>
public sealed class AdminTests
{
    [Fact]
    public async Task Probes_AreAnsweredOnTheAdminPort()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);

        using var live = await silo.GetAsync(silo.Admin("/live"));
        using var ready = await silo.GetAsync(silo.Admin("/ready"));

        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task Leaving_IsNotReady()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder, global: "server { shutdown_delay = 3 seconds }"));

        silo.Process.Signal("TERM");
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var ready = await silo.GetAsync(silo.Admin("/ready"));
            if (ready.StatusCode == HttpStatusCode.ServiceUnavailable)
                return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail("/ready stayed 200 while the process was leaving.");
    }

    [Fact]
    public async Task Metrics_CountEvents()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);
        await silo.SendPageViewAsync(1);

        using var answer = await silo.GetAsync(silo.Admin("/metrics"));
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("divolte_events_received", text, StringComparison.Ordinal);
        Assert.Contains("orleans_", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_BalancesItsLedger()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);
        for (var number = 0; number < 10; number++)
            await silo.SendPageViewAsync(number);
        await silo.WaitForRecordsAsync(10);

        using var answer = await silo.GetAsync(silo.Admin("/status"));
        var status = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

        var source = status.GetProperty("sources").EnumerateArray().Single(found => found.GetProperty("source").GetString() == "browser");
        Assert.Equal(10, source.GetProperty("received").GetInt64());
        Assert.Equal(10, source.GetProperty("accepted").GetInt64());
        var lines = status.GetProperty("sinks").EnumerateArray().SelectMany(sink => sink.GetProperty("ledger").EnumerateArray()).ToList();
        Assert.Equal(10, lines.Sum(line => line.GetProperty("accepted").GetInt64()));
        Assert.Equal(10, lines.Sum(line => line.GetProperty("written").GetInt64() + line.GetProperty("pending").GetInt64()));
        Assert.Equal("true", status.GetProperty("journal").GetProperty("canAppend").GetRawText());
        Assert.NotEmpty(status.GetProperty("shards").EnumerateArray());
    }

    [Fact]
    public async Task Dashboard_IsServedToThisHost()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);

        using var page = await silo.GetAsync(silo.Admin("/dashboard/"));
        using var counters = await silo.GetAsync(silo.Admin("/dashboard/DashboardCounters"));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.OK, counters.StatusCode);
    }

    [Theory]
    [InlineData("/status")]
    [InlineData("/dashboard/")]
    public async Task OtherHostName_NeedsTheToken(string path)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder, global: "admin { token = s3cret }"));

        using var without = await AskAsync(silo, path, token: null);
        using var wrong = await AskAsync(silo, path, "other");
        using var right = await AskAsync(silo, path, "s3cret");

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.DoesNotContain("s3cret", silo.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/status")]
    [InlineData("/dashboard/")]
    [InlineData("/ready")]
    public async Task PublicPort_ServesNothingOfTheAdminPort(string path)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);

        using var answer = await silo.GetAsync(silo.Public(path));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>From loopback, but under the name of another host: what a page elsewhere would make the operator's browser do.</summary>
    private static async Task<HttpResponseMessage> AskAsync(SingleSilo silo, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, silo.Admin(path)) { Headers = { Host = "collector.example.com" } };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await silo.SendAsync(request);
    }
}
