using System.Diagnostics;
using System.Globalization;
using Divolte.Grains.Deduplication;

namespace Divolte.Benchmarks.Deduplication;

/// <summary>The duplicate memory with a million live entries: looking an event up, reserving and confirming it, with the oldest leaving for it.</summary>
internal static class DuplicateWindowBenchmark
{
    private const int Live = 1_000_000;
    private const int Rounds = 5;

    /// <summary>Events of one part: reserved and confirmed together.</summary>
    private const int PartEvents = 20;

    public static void Run(TextWriter output)
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var window = new DuplicateWindow(TimeSpan.FromMinutes(10), minimum: 0, Live, seed: 1);
        var random = new Random(1);
        Fill(window, random, now, Live);
        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            Fill(window, random, now, Live);
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalNanoseconds / Live);
        }
        var bytes = (double)window.Bytes / window.Count;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  check and insert, {window.Count} live entries        {best,6:F0} ns, {bytes:F1} bytes an entry"));
        Scorecard.Add("duplicate check and insert, 1 M live entries", best, "ns", 150, 100);
        Scorecard.Add("duplicate memory per live entry", bytes, "bytes", 24, 24);
    }

    private static void Fill(DuplicateWindow window, Random random, DateTimeOffset now, int events)
    {
        for (var part = 0; part < events / PartEvents; part++)
        {
            var mine = new PendingAppend(Guid.Empty, part, PartEvents);
            for (var index = 0; index < PartEvents; index++)
            {
                var key = (ulong)random.NextInt64(1, long.MaxValue);
                if (window.See(key, now, out _) != EventSight.First)
                    continue;
                window.Reserve(key, mine);
                mine.Add(key);
            }
            window.Confirm(mine.FirstSights, now);
        }
    }
}
