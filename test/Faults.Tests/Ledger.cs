using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Divolte.TestKit.Processes;

namespace Divolte.Faults.Tests;

/// <summary>The ledger as the admin port tells it: it must balance whenever it is read, and shows when everything has arrived.</summary>
internal static class Ledger
{
    /// <summary>A status may have been collected so long before it is asked for, and then knows nothing of the last events.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(1);

    /// <summary>Waits until the chosen sinks have confirmed all that the journal took.</summary>
    /// <returns>The records written per sink, as the ledger has them.</returns>
    /// <exception cref="TimeoutException">Events still wait after two minutes.</exception>
    public static async Task<IReadOnlyDictionary<string, long>> WaitUntilNothingPendsAsync(
        SiloProcess silo, Func<string, bool> isWaitedFor, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var last = "";
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromMinutes(2))
        {
            var isFresh = clock.Elapsed > AgeMax;
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{silo.AdminPort}/status"), cancellationToken);
            last = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                var status = JsonDocument.Parse(last).RootElement;
                var lines = Read(status);
                if (isFresh && IsComplete(status) && lines.Count > 0 && lines.Where(line => isWaitedFor(line.Sink)).All(line => line.Pending == 0))
                    return lines.GroupBy(line => line.Sink).ToDictionary(lines => lines.Key, lines => lines.Sum(line => line.Written));
            }
            await Task.Delay(100, cancellationToken);
        }
        throw new TimeoutException($"Events still wait after two minutes. Last status: {last}\nOutput:\n{silo.Output}");
    }

    /// <summary>Waits until something pends, which a status may tell a second late.</summary>
    /// <returns>How much does.</returns>
    /// <exception cref="TimeoutException">Nothing pends after ten seconds.</exception>
    public static async Task<long> WaitUntilSomethingPendsAsync(SiloProcess silo, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            var status = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{silo.AdminPort}/status"), cancellationToken);
            if (Read(status).Sum(line => line.Pending) is > 0 and var pending)
                return pending;
            await Task.Delay(100, cancellationToken);
        }
        throw new TimeoutException($"Nothing pends after ten seconds. Output:\n{silo.Output}");
    }

    /// <summary>Waits until sinks have so much of their backlog in spill files, together.</summary>
    /// <exception cref="TimeoutException">They have not after a minute.</exception>
    public static async Task WaitForSpilledAsync(SiloProcess silo, long bytes, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var spilled = 0L;
        for (var attempt = 0; attempt < 600; attempt++)
        {
            var status = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{silo.AdminPort}/status"), cancellationToken);
            Read(status);
            spilled = SpilledIn(status);
            if (spilled >= bytes)
                return;
            await Task.Delay(100, cancellationToken);
        }
        throw new TimeoutException($"{bytes} bytes in spill files were awaited, there are {spilled}. Output:\n{silo.Output}");
    }

    /// <summary>Whether every queue of every sink had its say: one on a busy machine may not have, and then nobody knows what pends there.</summary>
    private static bool IsComplete(JsonElement status) =>
        status.GetProperty("sinks").EnumerateArray().All(sink => sink.GetProperty("reason").GetString() != "it does not answer");

    /// <summary>Bytes of all spill files, as a status tells them.</summary>
    public static async Task<long> ReadSpilledAsync(SiloProcess silo, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return SpilledIn(await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{silo.AdminPort}/status"), cancellationToken));
    }

    /// <summary>Waits until a sink has written at least so many events, whatever others do.</summary>
    /// <exception cref="TimeoutException">It has not after a minute.</exception>
    public static async Task WaitUntilWrittenAsync(SiloProcess silo, string sink, long events, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var written = 0L;
        for (var attempt = 0; attempt < 600; attempt++)
        {
            var status = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{silo.AdminPort}/status"), cancellationToken);
            written = Read(status).Where(line => line.Sink == sink).Sum(line => line.Written);
            if (written >= events)
                return;
            await Task.Delay(100, cancellationToken);
        }
        throw new TimeoutException($"Sink {sink} has written {written} of {events} events. Output:\n{silo.Output}");
    }

    private static long SpilledIn(JsonElement status) =>
        status.GetProperty("sinks").EnumerateArray().Sum(sink => sink.GetProperty("spilledBytes").GetInt64());

    /// <summary>Every line of a status document.</summary>
    public static IReadOnlyList<LedgerLine> Read(JsonElement status)
    {
        var lines =
            from sink in status.GetProperty("sinks").EnumerateArray()
            from line in sink.GetProperty("ledger").EnumerateArray()
            select new LedgerLine(
                sink.GetProperty("sink").GetString()!,
                line.GetProperty("accepted").GetInt64(),
                line.GetProperty("written").GetInt64(),
                line.GetProperty("ended").EnumerateObject().Sum(p => p.Value.GetInt64()),
                line.GetProperty("pending").GetInt64());
        var all = lines.ToList();
        Assert.All(all, line => Assert.True(line.Accepted == line.Written + line.Ended + line.Pending, $"The ledger does not balance: {line}"));
        return all;
    }
}

/// <summary>What became of the events of one mapping in one sink.</summary>
internal sealed record LedgerLine(string Sink, long Accepted, long Written, long Ended, long Pending);
