using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Disk;

/// <summary>A real file system without a free page: clients hear it at once, nothing acknowledged is lost, and room is all that is needed to go on.</summary>
public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    private const int EventBytes = 30_000;

    private readonly TemporaryFolder _folder = new();
    private readonly SentEvents _sent = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task DiskOfTheJournalFull_ClientsAreToldAndNothingAcknowledgedIsLost()
    {
        var seed = TestSeed.Next(output);
        using var disk = SmallDisk.MountOrSkip(megabytes: 150);
        var published = _folder.Below("published");
        var settings = Settings(disk.Below("data"), _folder.Below("working"), published);
        var silo = await SiloProcess.StartAsync(settings, Cancellation);
        try
        {
            disk.Fill();
            await SendUntilRefusedAsync(silo, settings, seed, first: 0);
            await AssertRefusingAsync(silo);

            await silo.KillAsync();
            await silo.DisposeAsync();
            silo = await SiloProcess.StartAsync(settings, Cancellation);
            await SendUntilRefusedAsync(silo, settings, seed + 1000, first: 1_000_000);
            await AssertRefusingAsync(silo);
            var acknowledged = _sent.AcknowledgedCount;

            disk.MakeRoom();
            var afterwards = Fleet(settings, seed, first: 5_000_000, events: 500, attempts: 100);
            await afterwards.RunAsync(Cancellation);
            Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(silo, "/ready"));
            output.WriteLine($"{acknowledged} events acknowledged before the disk was full, {_sent.AcknowledgedCount - acknowledged} afterwards: {afterwards.DescribeWaits()}");
            await VerifyAsync(silo, published);
        }
        finally
        {
            output.WriteLine(silo.Output[^Math.Min(silo.Output.Length, 4000)..]);
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public async Task DiskOfAFileSinkFull_OnlyTheSinkWaits()
    {
        var seed = TestSeed.Next(output);
        using var disk = SmallDisk.MountOrSkip(megabytes: 60);
        var published = disk.Below("published");
        // Time enough for a slow machine: a refusal must mean the sink's trouble, not the machine's.
        var settings = Settings(_folder.Below("data"), disk.Below("working"), published, "grid.answer_timeout = 4 seconds");
        await using var silo = await SiloProcess.StartAsync(settings, Cancellation);
        await Fleet(settings, seed, first: 0, events: 200, attempts: 1).RunAsync(Cancellation);
        await Ledger.WaitUntilNothingPendsAsync(silo, _ => true, Cancellation);

        disk.Fill();
        // One attempt only: a client that hears of the sink's trouble fails the run.
        var during = Fleet(settings, seed + 1, first: 1_000_000, events: 500, attempts: 1);
        await during.RunAsync(Cancellation);
        var waiting = await Ledger.WaitUntilSomethingPendsAsync(silo, Cancellation);
        Assert.InRange(waiting, 1, 500 * 2);
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(silo, "/ready"));

        disk.MakeRoom();
        output.WriteLine($"{waiting} records waited for room; {during.DescribeWaits()}");
        await VerifyAsync(silo, published);
    }

    private SiloProcessSettings Settings(string data, string working, string published, string global = "")
    {
        var configuration = _folder.Write("divolte-collector.conf", $$"""
            divolte {
              global { {{global}} }
              sources { browser { type = browser } }
              sinks {
                files {
                  type = hdfs, replication = 1
                  file_strategy { working_dir = "{{working}}", publish_dir = "{{published}}", roll_every = 2 seconds, sync_file_after_duration = 200 milliseconds }
                }
              }
              mappings { all { sources = [browser], sinks = [files] } }
            }
            """);
        return new SiloProcessSettings { DataDirectory = data, Arguments = ["--config", configuration] };
    }

    private VisitorFleet Fleet(SiloProcessSettings settings, int seed, long first, int events, int attempts) => new(
        new VisitorFleetSettings { Port = settings.Port, Seed = seed, FirstNumber = first, Events = events, AttemptsMax = attempts, Padding = EventBytes }, _sent);

    /// <summary>What the journal has reserved still takes events, after a start too. A visitor ends at its first refusal, which on a slow machine may come before.</summary>
    private async Task SendUntilRefusedAsync(SiloProcess silo, SiloProcessSettings settings, int seed, long first)
    {
        for (var round = 0; await StatusOfAsync(silo, "/ready") == HttpStatusCode.OK; round++)
        {
            Assert.True(round < 100, $"The journal takes {_sent.AcknowledgedCount} events on a disk that is full.");
            await Assert.ThrowsAsync<TimeoutException>(
                () => Fleet(settings, seed + round, first + round * 20_000, events: 20_000, attempts: 1).RunAsync(Cancellation));
        }
    }

    private async Task AssertRefusingAsync(SiloProcess silo)
    {
        var beacon = Beacon.PageView("/csc-event", "0:i1t84hgy:refused", "0:i1t84hgy:session", 9_000_000, 1_790_000_000_000, EventBytes);
        _sent.Of(beacon).Sends++;
        using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{silo.Port}{beacon.Target}"), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusOfAsync(silo, "/ready"));
        var journal = (await _http.GetFromJsonAsync<JsonElement>(Admin(silo, "/status"), Cancellation)).GetProperty("journal");
        Assert.False(journal.GetProperty("canAppend").GetBoolean());
        Assert.Contains("No space left", journal.GetProperty("reason").GetString(), StringComparison.Ordinal);
        // The process is well and serves the tag: a page must not break because a disk is full.
        using var ping = await _http.GetAsync(new Uri($"http://127.0.0.1:{silo.Port}/ping"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, ping.StatusCode);
    }

    private async Task<HttpStatusCode> StatusOfAsync(SiloProcess silo, string path)
    {
        using var answer = await _http.GetAsync(Admin(silo, path), Cancellation);
        return answer.StatusCode;
    }

    private async Task VerifyAsync(SiloProcess silo, string published)
    {
        var ledger = await Ledger.WaitUntilNothingPendsAsync(silo, _ => true, Cancellation);
        Assert.Equal(143, await silo.StopAsync(TimeSpan.FromSeconds(30)));
        var delivered = DeliveredFiles.Read(published);
        output.WriteLine($"{_sent.All.Count} events, {_sent.All.Sum(e => e.Sends)} sends, {_sent.All.Sum(e => e.Acknowledged)} acknowledged; {delivered.Count} records");
        Assert.Empty(DeliveryComparison.FindBreaches(_sent, delivered, isExactlyOnce: true).Take(20));
        Assert.Equal(ledger["files"], delivered.Count);
    }

    private static Uri Admin(SiloProcess silo, string path) => new($"http://127.0.0.1:{silo.AdminPort}{path}");
}
