using System.Diagnostics;
using System.Net;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Integration.Tests.Single;

/// <summary>What a balancer and a client see while a process leaves.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task SigTerm_TurnsPingFirstAndServesOnUntilTheDelayIsOver()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder, global: "server { shutdown_delay = 2 seconds }"));
        using var before = await silo.GetAsync(silo.Public("/ping"));

        silo.Process.Signal("TERM");
        using var leaving = await PingUntilRefusedAsync(silo);
        await silo.SendPageViewAsync(1);
        var exitCode = await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("text/plain; charset=utf-8", before.Content.Headers.ContentType?.ToString());
        Assert.Equal("text/plain; charset=utf-8", leaving.Content.Headers.ContentType?.ToString());
        Assert.Equal("No p*ng for you, shutting down", await leaving.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(143, exitCode);
        Assert.Single(await silo.WaitForRecordsAsync(1));
    }

    [Fact]
    public async Task RequestUnderWay_IsAnsweredAfterTheGateHasClosed()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder, browser: "http_response_delay = 2 seconds"));
        var held = silo.GetAsync(silo.Public(SingleSilo.PageView(1).Target));
        await Task.Delay(500, TestContext.Current.CancellationToken);

        silo.Process.Signal("TERM");
        using var gate = await PingUntilRefusedAsync(silo);
        using var answer = await held;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, gate.StatusCode);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(143, await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Single(await silo.WaitForRecordsAsync(1));
    }

    [Fact]
    public async Task SecondSignal_DoesNotSpeedUp()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder, global: "server { shutdown_delay = 2 seconds }"));
        var clock = Stopwatch.StartNew();

        silo.Process.Signal("INT");
        using var refused = await PingUntilRefusedAsync(silo); // the first is taken: signals that wait together have no order
        silo.Process.Signal("TERM");
        silo.Process.Signal("INT");
        var exitCode = await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(130, exitCode);
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(1.9), $"stopped after {clock.Elapsed}");
    }

    [Fact]
    public async Task GracefulStop_PublishesWhatWasAcknowledged()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);
        for (var number = 0; number < 100; number++)
            await silo.SendPageViewAsync(number);

        await silo.Process.StopAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(Enumerable.Range(0, 100).Select(number => (long)number), DeliveredFiles.Read(folder.Below("published")).Select(record => record.Number).Order());
        Assert.Empty(Directory.GetFiles(folder.Below("working")));
    }

    private static async Task<HttpResponseMessage> PingUntilRefusedAsync(SingleSilo silo)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            var answer = await silo.GetAsync(silo.Public("/ping"));
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                return answer;
            answer.Dispose();
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException("/ping did not turn to 503 within 10 s.");
    }
}
