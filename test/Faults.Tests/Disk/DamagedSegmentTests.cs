using System.Net.Http.Json;
using System.Text.Json;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Disk;

/// <summary>Bytes of the journal that changed while nobody looked: every intact event is delivered, and the operator is told which file to look at.</summary>
public sealed class DamagedSegmentTests(ITestOutputHelper output)
{
    private const int Events = 200;

    /// <summary>Numbers of equal length: with a shorter one, what follows it in its frame could make it look like another.</summary>
    private const int First = 100;

    [Fact]
    public async Task DamagedEntry_CostsItselfAloneAndIsTold()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var random = new Random(TestSeed.Next(output));
        using var folder = new TemporaryFolder();
        var (working, published) = (folder.Below("working"), folder.Below("published"));
        var server = Settings(folder, working, published);
        await using (var silo = await SiloProcess.StartAsync(server, cancellationToken))
        {
            // A sink without its directory waits, so that all events are still to be delivered when the journal is damaged.
            Directory.Delete(working, recursive: true);
            await SendAsync(silo, cancellationToken);
            await silo.KillAsync();
        }
        var victim = First + random.Next(Events / 4, Events / 2);
        var segment = Damage(Path.Combine(server.DataDirectory, "journal"), victim);
        Directory.CreateDirectory(working);

        await using var again = await SiloProcess.StartAsync(server, cancellationToken);
        using var http = new HttpClient();
        var status = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{again.AdminPort}/status"), cancellationToken);
        await WaitForRecordsAsync(again, published, Events - 1, cancellationToken);
        Assert.Equal(143, await again.StopAsync(TimeSpan.FromSeconds(60)));

        var kept = Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(server.DataDirectory, "journal"), "*.damaged-*")));
        Assert.StartsWith(segment, kept, StringComparison.Ordinal);
        Assert.Contains(kept, status.GetProperty("journal").GetProperty("warning").GetString(), StringComparison.Ordinal);
        Assert.Contains(kept, again.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(First, Events).Where(number => number != victim), DeliveredFiles.Read(published).Select(record => (int)record.Number).Order());
    }

    /// <summary>Changes one byte of an event in the segment that holds it.</summary>
    /// <returns>Name of the segment's file.</returns>
    private static string Damage(string journal, int victim)
    {
        var mark = System.Text.Encoding.ASCII.GetBytes(Beacon.LocationOf(victim));
        foreach (var segment in Directory.GetFiles(journal, "*.segment"))
        {
            var bytes = File.ReadAllBytes(segment);
            var at = bytes.AsSpan().IndexOf(mark);
            if (at < 0)
                continue;
            using var file = File.OpenHandle(segment, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.Write(file, [(byte)(bytes[at] ^ 0x40)], at);
            return Path.GetFileName(segment);
        }
        throw new InvalidOperationException($"Event {victim} is in no segment of {journal}.");
    }

    private async Task SendAsync(SiloProcess silo, CancellationToken cancellationToken)
    {
        var sent = new SentEvents();
        var fleet = new VisitorFleet(
            new VisitorFleetSettings { Port = silo.Port, Seed = 1, Events = Events, FirstNumber = First, Connections = 1, RepetitionShare = 0, AttemptsMax = 1 }, sent);
        await fleet.RunAsync(cancellationToken);
        output.WriteLine($"before the damage: {fleet.DescribeWaits()}");
    }

    private static async Task WaitForRecordsAsync(SiloProcess silo, string published, int count, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (DeliveredFiles.Read(published).Count < count)
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"{count} records were awaited for a minute, {DeliveredFiles.Read(published).Count} came. Output:\n{silo.Output}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    private static SiloProcessSettings Settings(TemporaryFolder folder, string working, string published) => new()
    {
        DataDirectory = folder.Below("data"),
        Arguments =
        [
            "--config",
            folder.Write("divolte-collector.conf", $$"""
                divolte {
                  sources { browser { type = browser } }
                  sinks {
                    files {
                      type = hdfs, replication = 1
                      file_strategy { working_dir = "{{working}}", publish_dir = "{{published}}", roll_every = 1 second, sync_file_after_duration = 200 milliseconds }
                    }
                  }
                  mappings { all { sources = [browser], sinks = [files] } }
                }
                """),
        ],
    };
}
