using System.Diagnostics;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis;
using Divolte.TestKit;
using Divolte.TestKit.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Benchmarks.Journal;

/// <summary>
/// What the journal in Redis costs, in this process and in the server's: appends of 64 shards at both sync levels, and reading on.
/// </summary>
public static class RedisJournalBenchmark
{
    private const int Shards = 64;
    private const int EventBytes = 900;
    private static readonly JournalParameters Parameters = new(Shards, 16, "party");

    public static void Run(TextWriter output) => RunAsync(output).GetAwaiter().GetResult();

    private static async Task RunAsync(TextWriter output)
    {
        if (!RedisProcess.IsInstalled("redis-server"))
        {
            await output.WriteLineAsync("redis: redis-server is not installed");
            return;
        }
        foreach (var sync in new[] { "always", "everysec", "no" })
        {
            await using var server = await RedisProcess.StartOrSkipAsync("--appendfsync", sync);
            foreach (var (appenders, events) in new[] { (8, 20), (64, 4), (64, 20) })
            {
                await using var journal = await RedisJournal.OpenAsync(
                    new RedisJournalOptions { Connection = server.Connection, Cluster = $"{appenders}-{events}", Parameters = Parameters, RetainWithoutSinks = true },
                    TimeProvider.System,
                    NullLogger.Instance);
                await AppendAsync(output, $"redis, {sync}", journal, server, appenders, events, appends: 120_000 / events);
                if (events == 20 && sync == "always")
                    await ReadAsync(output, journal, server);
                for (var queue = 0; queue < Parameters.Queues; queue++)
                    await journal.SaveProgressAsync(new SinkProgress("sink", queue, (await journal.GetEndAsync(queue, CancellationToken.None)).Position, default), CancellationToken.None);
                await journal.TrimAsync(CancellationToken.None);
            }
        }
    }

    private static async Task AppendAsync(TextWriter output, string what, RedisJournal journal, RedisProcess server, int appenders, int eventsPerAppend, int appends)
    {
        var claims = new ShardClaim[Shards];
        for (var shard = 0; shard < Shards; shard++)
            claims[shard] = await journal.ClaimAsync(shard, CancellationToken.None);
        byte[] frames = [.. Enumerable.Range(0, eventsPerAppend).SelectMany(number => AFrame.Of($"{number}", padding: EventBytes - AFrame.Of("0").Length))];
        var latencies = new long[appends];
        var next = -1;
        var (cpu, serverCpu) = (CpuOf(Environment.ProcessId), CpuOf(server.ProcessId));
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, appenders).Select(async _ =>
        {
            await Task.Yield();
            for (var at = Interlocked.Increment(ref next); at < appends; at = Interlocked.Increment(ref next))
            {
                var shard = at % Shards;
                var started = Stopwatch.GetTimestamp();
                var append = new ShardAppend(
                    shard, claims[shard].Epoch, Guid.Empty, at, at, eventsPerAppend, frames, [new SourceCount(AFrame.Source, eventsPerAppend)]);
                var outcome = await journal.AppendAsync(append, CancellationToken.None);
                latencies[at] = Stopwatch.GetTimestamp() - started;
                if (outcome.Status != AppendStatus.Appended)
                    throw new InvalidOperationException($"The journal answered {outcome.Status}.");
            }
        }));
        var elapsed = clock.Elapsed;
        var events = (double)appends * eventsPerAppend;
        Array.Sort(latencies);
        await output.WriteLineAsync(
            $"{what,-16} {appenders,3} appenders, {eventsPerAppend,2} events each: {events / elapsed.TotalSeconds,9:N0} events/s, CPU per event {(CpuOf(Environment.ProcessId) - cpu).TotalMicroseconds / events:N2} µs here, "
            + $"{(CpuOf(server.ProcessId) - serverCpu).TotalMicroseconds / events:N2} µs in Redis; p50 {Stopwatch.GetElapsedTime(0, latencies[appends / 2]).TotalMilliseconds:N2} ms, "
            + $"p99 {Stopwatch.GetElapsedTime(0, latencies[appends * 99 / 100]).TotalMilliseconds:N2} ms");
    }

    private static async Task ReadAsync(TextWriter output, RedisJournal journal, RedisProcess server)
    {
        var (cpu, serverCpu) = (CpuOf(Environment.ProcessId), CpuOf(server.ProcessId));
        var clock = Stopwatch.StartNew();
        var events = 0L;
        for (var queue = 0; queue < Parameters.Queues; queue++)
        {
            var after = new JournalPosition(journal.Incarnation, 0);
            while (await journal.ReadAsync(queue, after, 256 << 10, CancellationToken.None) is { Entries.Count: > 0 } page)
            {
                events += page.Entries.Sum(entry => entry.EventCount);
                after = page.Next;
            }
        }
        await output.WriteLineAsync(
            $"redis, reading: {events / clock.Elapsed.TotalSeconds,9:N0} events/s, CPU per event {(CpuOf(Environment.ProcessId) - cpu).TotalMicroseconds / events:N2} µs here, "
            + $"{(CpuOf(server.ProcessId) - serverCpu).TotalMicroseconds / events:N2} µs in Redis");
    }

    private static TimeSpan CpuOf(int process)
    {
        using var running = Process.GetProcessById(process);
        return running.TotalProcessorTime;
    }
}
