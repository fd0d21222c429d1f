using System.Diagnostics;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Journal;
using Divolte.Grains.Interfaces.StableFiles;
using Divolte.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Divolte.Benchmarks.Journal;

/// <summary>
/// What the journal costs: the append path without the kernel, the same on a real disk, and opening and claiming with a full duplicate memory.
/// </summary>
public static class JournalBenchmark
{
    private const int Shards = 64;
    private const int EventsPerAppend = 20;
    private const int EventBytes = 900;
    private static readonly JournalParameters Parameters = new(Shards, 4, "party");

    public static void Run(TextWriter output) => RunAsync(output).GetAwaiter().GetResult();

    private static async Task RunAsync(TextWriter output)
    {
        await output.WriteLineAsync($"journal, {EventsPerAppend} events of about {EventBytes} bytes per append");
        for (var round = 0; round < 2; round++)
            await AppendAsync(output, "append path, no disk", new UnsyncedFiles(), appenders: 32, appends: 40_000);
        foreach (var appenders in new[] { 1, 8, 64 })
        {
            var directory = Directory.CreateTempSubdirectory("divolte-benchmark-").FullName;
            try
            {
                await AppendAsync(output, "durable append", LocalJournal.FilesIn(directory), appenders, appends: 2000 * Math.Min(appenders, 8));
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        await OpenAndClaimAsync(output);
    }

    private static async Task AppendAsync(TextWriter output, string what, IStableFiles files, int appenders, int appends)
    {
        await using var journal = Open(files, TimeProvider.System);
        var claims = await ClaimAllAsync(journal);
        var frames = Frames();
        var latencies = new long[appends];
        var next = -1;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, appenders).Select(async appender =>
        {
            await Task.Yield();
            for (var at = Interlocked.Increment(ref next); at < appends; at = Interlocked.Increment(ref next))
            {
                var shard = at % Shards;
                var started = Stopwatch.GetTimestamp();
                var outcome = await journal.AppendAsync(AnAppend(claims[shard], shard, at, frames), CancellationToken.None);
                latencies[at] = Stopwatch.GetTimestamp() - started;
                if (outcome.Status != AppendStatus.Appended)
                    throw new InvalidOperationException($"The journal answered {outcome.Status}.");
            }
        }));
        var events = (double)appends * EventsPerAppend;
        var elapsed = clock.Elapsed;
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Array.Sort(latencies);
        await output.WriteLineAsync(
            $"{what,-22} {appenders,3} appenders: {events / elapsed.TotalSeconds,10:N0} events/s, {cpu.TotalMicroseconds / events:N3} µs CPU per event, "
            + $"{allocated / events:N0} bytes allocated per event, p50 {Stopwatch.GetElapsedTime(0, latencies[appends / 2]).TotalMilliseconds:N2} ms, "
            + $"p99 {Stopwatch.GetElapsedTime(0, latencies[appends * 99 / 100]).TotalMilliseconds:N2} ms");
    }

    private static async Task OpenAndClaimAsync(TextWriter output)
    {
        const int marks = 4_000_000;
        var files = new UnsyncedFiles();
        await using (var journal = Open(files, TimeProvider.System))
        {
            var claims = await ClaimAllAsync(journal);
            var frames = Enumerable.Range(0, EventsPerAppend).SelectMany(number => AFrame.Of($"{number}")).ToArray();
            for (var at = 0; at < marks / EventsPerAppend; at++)
                await journal.AppendAsync(AnAppend(claims[at % Shards], at % Shards, at, frames), CancellationToken.None);
        }
        var clock = Stopwatch.StartNew();
        await using var again = Open(files, TimeProvider.System);
        var opened = clock.Elapsed;
        clock.Restart();
        var found = (await ClaimAllAsync(again)).Sum(claim => claim.Marks.Count);
        await output.WriteLineAsync($"{marks:N0} marks: opened in {opened.TotalMilliseconds:N0} ms, {Shards} claims with {found:N0} marks in {clock.Elapsed.TotalMilliseconds:N0} ms");
    }

    private static LocalJournal Open(IStableFiles files, TimeProvider time) =>
        LocalJournal.Open(files, new LocalJournalOptions { DataDirectory = "", Parameters = Parameters }, time, NullLogger.Instance);

    private static async Task<ShardClaim[]> ClaimAllAsync(LocalJournal journal)
    {
        var claims = new ShardClaim[Shards];
        for (var shard = 0; shard < Shards; shard++)
            claims[shard] = await journal.ClaimAsync(shard, CancellationToken.None);
        return claims;
    }

    private static byte[] Frames() =>
        [.. Enumerable.Range(0, EventsPerAppend).SelectMany(number => AFrame.Of($"{number}", padding: EventBytes - AFrame.Of("0").Length))];

    private static ShardAppend AnAppend(ShardClaim claim, int shard, int sequence, byte[] frames) =>
        new(shard, claim.Epoch, Guid.Empty, sequence, sequence, EventsPerAppend, frames, [new SourceCount(AFrame.Source, EventsPerAppend)]);
}
