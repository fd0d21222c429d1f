using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;
using Divolte.TestKit.Wire;

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
    public async Task ClosedGate_RefusesEverythingWithABareAnswer()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder, browser: "http_response_delay = 4 seconds"));
        await using var kept = await RawConnection.OpenAsync(silo.Process.Port);
        await kept.SendAsync("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await kept.ReceiveAsync())!.Status);
        var held = silo.GetAsync(silo.Public(SingleSilo.PageView(1).Target));
        await Task.Delay(500, TestContext.Current.CancellationToken);

        silo.Process.Signal("TERM");
        using var _ = await PingUntilRefusedAsync(silo);
        await using var fresh = await RawConnection.OpenAsync(silo.Process.Port);
        await fresh.SendAsync($"GET {SingleSilo.PageView(2).Target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await kept.SendAsync("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.All(
            new[] { (await fresh.ReceiveAsync())!, (await kept.ReceiveAsync())! },
            answer => Assert.Equal((503, "0", null, null), (answer.Status, answer.Header("Content-Length"), answer.Header("Server"), answer.Header("Content-Type"))));
        using var answered = await held;
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal(143, await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, Assert.Single(await silo.WaitForRecordsAsync(1)).Number);
    }

    [Fact]
    public async Task NothingUnderWay_ClosesThePortAndIdleConnectionsAtOnce()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);
        await using var idle = await RawConnection.OpenAsync(silo.Process.Port);
        await idle.SendAsync($"GET {SingleSilo.PageView(1).Target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await idle.ReceiveAsync())!.Status);

        silo.Process.Signal("TERM");

        Assert.True(await idle.IsClosedAsync());
        Assert.Equal(143, await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        await Assert.ThrowsAsync<SocketException>(async () => await RawConnection.OpenAsync(silo.Process.Port));
        Assert.Single(await silo.WaitForRecordsAsync(1));
    }

    [Fact]
    public async Task ShutdownTimeout_GivesUpTheAnswerButNotTheEvent()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(
            folder, SingleSilo.Settings(folder, global: "server { shutdown_timeout = 500 ms }", browser: "http_response_delay = 60 seconds"));
        await using var held = await RawConnection.OpenAsync(silo.Process.Port, TimeSpan.FromSeconds(30));
        await held.SendAsync($"GET {SingleSilo.PageView(1).Target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await silo.WaitForRecordsAsync(1);

        silo.Process.Signal("TERM");

        Assert.Null(await held.ReceiveAsync());
        Assert.Equal(143, await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("1 requests are still under way", silo.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignalDuringTheStart_StopsAsSoonAsItIsDone()
    {
        using var folder = new TemporaryFolder();
        await using var process = SiloProcess.Launch(SingleSilo.Settings(folder));
        while (!process.Output.Contains("Starting divolte", StringComparison.Ordinal))
            await Task.Delay(5, TestContext.Current.CancellationToken);

        process.Signal("TERM");

        Assert.Equal(143, await process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("Stopped", process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("HUP", 129)]
    public async Task Signal_DecidesTheExitCode(string signal, int exitCode)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder);
        await silo.SendPageViewAsync(1);

        silo.Process.Signal(signal);

        Assert.Equal(exitCode, await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Single(await silo.WaitForRecordsAsync(1));
    }

    /// <summary>Only ping tells that the process is leaving: a balancer that has not noticed yet loses nothing.</summary>
    [Fact]
    public async Task WhileTheDelayLasts_EverythingButPingIsServedOnOldAndNewConnections()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SingleSilo.StartAsync(folder, SingleSilo.Settings(folder, global: "server { shutdown_delay = 4 seconds }, grid.answer_timeout = 20 seconds"));
        await using var old = await RawConnection.OpenAsync(silo.Process.Port);
        Assert.Equal(200, await AskAsync(old, "GET /ping"));

        silo.Process.Signal("TERM");
        using var leaving = await PingUntilRefusedAsync(silo);
        await using var fresh = await RawConnection.OpenAsync(silo.Process.Port);
        var number = 0;
        foreach (var connection in new[] { old, fresh })
        {
            Assert.Equal(200, await AskAsync(connection, $"GET {SingleSilo.PageView(++number).Target}"));
            Assert.Equal(200, await AskAsync(connection, "GET /divolte.js"));
            Assert.Equal(200, await AskAsync(connection, "GET /"));
            Assert.Equal(404, await AskAsync(connection, "GET /nothing"));
            Assert.Equal(405, await AskAsync(connection, "GET /app"));
            Assert.Equal(503, await AskAsync(connection, "GET /ping"));
        }

        Assert.Equal(143, await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(2, (await silo.WaitForRecordsAsync(2)).Count);

        static async Task<int> AskAsync(RawConnection connection, string request)
        {
            await connection.SendAsync(request + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            return (await connection.ReceiveAsync())!.Status;
        }
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
