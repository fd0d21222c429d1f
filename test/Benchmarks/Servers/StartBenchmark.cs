using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Divolte.Benchmarks.Servers;

/// <summary>The published silo around its edges: start, the first ten seconds, and doing nothing.</summary>
internal static class StartBenchmark
{
    private const int IdleSinks = 50;

    /// <summary>For a minute after load the runtime still compiles what was called often, and files are rolled once: not what idling costs.</summary>
    private static readonly TimeSpan IdleSettle = TimeSpan.FromSeconds(75);

    public static void Run(string program)
    {
        double nginxMicroseconds;
        using (var nginx = MeasuredServer.Nginx())
        {
            _ = WrkLoad.Run(nginx, TimeSpan.FromSeconds(3));
            var before = nginx.CpuSeconds;
            var load = WrkLoad.Run(nginx, TimeSpan.FromSeconds(10));
            nginxMicroseconds = (nginx.CpuSeconds - before) * 1e6 / load.Requests;
        }

        var starts = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            using var silo = MeasuredServer.Silo("start", program, configuration: null);
            starts.Add(silo.TimeToFirstAnswer.TotalMilliseconds);
        }
        Scorecard.Add("start to first answered event, no configuration", starts.Order().ElementAt(2) / 1000, "s", 2, 1, $"median of {string.Join(", ", starts.Select(start => start.ToString("0", CultureInfo.InvariantCulture)))} ms");

        using (var silo = MeasuredServer.Silo("cold", program, configuration: null))
        {
            var started = silo.CpuSeconds;
            var load = WrkLoad.Run(silo, TimeSpan.FromSeconds(10));
            ProcessFigures.WaitUntilIdle(silo.ProcessId);
            var microseconds = (silo.CpuSeconds - started) * 1e6 / load.Requests;
            Scorecard.Add("first 10 seconds after start: CPU per event relative to nginx", microseconds / nginxMicroseconds, "×", 4, 3, $"{microseconds:0.0} µs, nginx {nginxMicroseconds:0.0} µs");
        }

        using (var silo = MeasuredServer.Silo("idle", program, ManySinks()))
        {
            _ = WrkLoad.Run(silo, TimeSpan.FromSeconds(2));
            ProcessFigures.WaitUntilIdle(silo.ProcessId);
            Thread.Sleep(IdleSettle);
            var clock = Stopwatch.StartNew();
            var before = silo.CpuSeconds;
            Thread.Sleep(TimeSpan.FromSeconds(60));
            var share = (silo.CpuSeconds - before) / clock.Elapsed.TotalSeconds;
            Scorecard.Add($"idle process with {IdleSinks} sinks", share * 100, "% of a core", 1, 0.3);
        }
    }

    private static string ManySinks()
    {
        var sinks = new StringBuilder();
        for (var sink = 0; sink < IdleSinks; sink++)
            sinks.AppendLine(CultureInfo.InvariantCulture, $$"""    files{{sink}} { type = hdfs, replication = 1, file_strategy { working_dir = "{directory}/working", publish_dir = "{directory}/published" } }""");
        return $$"""
            divolte {
              sinks {
            {{sinks}}
              }
              mappings { all { sources = [browser], sinks = [{{string.Join(", ", Enumerable.Range(0, IdleSinks).Select(sink => $"files{sink}"))}}] } }
            }
            """;
    }
}
