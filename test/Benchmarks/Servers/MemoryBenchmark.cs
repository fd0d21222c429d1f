using System.Diagnostics;
using System.Globalization;

namespace Divolte.Benchmarks.Servers;

/// <summary>Resident memory while the duplicate memory fills to its default capacity and beyond: it must end low, and stop growing.</summary>
internal static class MemoryBenchmark
{
    private const long Events = 5_000_000;

    /// <summary>More than a server on two cores takes; what waits is bounded.</summary>
    private const double Rate = 60_000;

    private const long UnderWayMax = 4_000;

    /// <summary>A slow machine ends here, and the report says after how many events.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(4);

    public static void Run(string program, TextWriter output)
    {
        using var silo = MeasuredServer.Silo("memory", program, Configuration);
        using var load = new OpenLoopLoad(silo.Port);
        var samples = new List<double>();
        var clock = Stopwatch.StartNew();
        var done = 0L;
        const long step = 100_000;
        while (done < Events && clock.Elapsed < TimeMax)
        {
            done += load.Run(Rate, step, UnderWayMax).Answers;
            samples.Add(ProcessFigures.ResidentMebibytes(silo.ProcessId));
            silo.DeleteFiles("published");
        }
        // The memory of four million entries is full after four fifths of the events; from there on nothing may grow.
        var late = samples[(samples.Count * 4 / 5)..];
        var most = samples.Max();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"resident memory over {done} events in {clock.Elapsed.TotalSeconds:0} s: at most {most:0} MiB; {late[0]:0} MiB after four fifths, {late[^1]:0} MiB at the end"));
        Scorecard.Add("resident memory, full duplicate memory", most, "MiB", 500, 400, $"{done} events; last fifth {late.Min():0} to {late.Max():0} MiB");
    }

    private static string Configuration => """
        divolte {
          sinks {
            files {
              type = hdfs, replication = 1
              file_strategy { working_dir = "{directory}/working", publish_dir = "{directory}/published", roll_every = 5 seconds }
            }
          }
          mappings { all { sources = [browser], sinks = [files] } }
        }
        """;
}
