using System.Globalization;
using Divolte.TestKit.Processes;

namespace Divolte.Benchmarks.Servers;

/// <summary>
/// Grids of several processes on this host, durable: processor time per event of all frontends and silos, until the sinks have written everything, relative
/// to nginx in the same run. Redis is reported beside it, Kafka is not counted. Measured with few and with many clients at a time, because what a
/// batch costs is shared by all events that wait together.
/// </summary>
internal static class GridBenchmark
{
    private const int WarmUpSeconds = 10;

    /// <summary>As many as every other server is measured with, and more than a busy one has.</summary>
    private static readonly int[] Connections = [WrkLoad.Connections, 8 * WrkLoad.Connections];

    /// <summary>Files are confirmed when they are synced, half a minute later by default: so long nobody would know that all is written.</summary>
    private const string FileSink = """
          sinks {
            files {
              type = hdfs, replication = 1
              file_strategy { working_dir = "{directory}/working", publish_dir = "{directory}/published", sync_file_after_duration = 1 second }
            }
          }
          mappings { all { sources = [browser], sinks = [files] } }
        """;

    private static readonly GridShape Usual = new(Frontends: 2, Silos: 3, Shards: 64);

    private static readonly GridShape[] BySilos = [Usual with { Silos = 1 }, Usual with { Silos = 2 }, Usual, Usual with { Silos = 5 }];

    private static readonly GridShape[] ByShards = [Usual with { Shards = 16 }, Usual, Usual with { Shards = 256 }];

    /// <summary>The grid that has a bar, with each kind of sink.</summary>
    /// <param name="silo">The published silo.</param>
    /// <param name="frontend">The published frontend.</param>
    /// <param name="seconds">Length of one measured run.</param>
    /// <param name="rounds">How often each grid is measured; the median counts.</param>
    /// <param name="output">Where the report goes.</param>
    public static async Task RunAsync(string silo, string frontend, int seconds, int rounds, TextWriter output)
    {
        using var kafka = RepositoryPaths.KafkaScript is null ? null : await KafkaBroker.StartOrSkipAsync(CancellationToken.None, ownBroker: true);
        if (kafka is null)
            await output.WriteLineAsync("No Kafka broker beside the checkout: the Kafka rows are left out.");
        var nginx = MeasureNginx(seconds, rounds);
        Head(output, nginx);
        if (kafka is not null)
        {
            await ServersBenchmark.CreateTopicAsync(kafka.Bootstrap, "events-grid", partitions: 16);
            await MeasureAsync("Kafka", ServersBenchmark.KafkaSink(kafka.Bootstrap, "events-grid"));
        }
        await MeasureAsync("files", FileSink);

        async Task MeasureAsync(string name, string sinks)
        {
            foreach (var sample in await GridBenchmark.MeasureAsync(silo, frontend, Usual, sinks, seconds, rounds))
            {
                Row(output, $"2 frontends, 3 silos, {name}", sample, nginx);
                Scorecard.Add(
                    $"grid durable, {name}, {sample.Connections} connections: CPU per event of 2 frontends and 3 silos relative to nginx",
                    sample.Microseconds / nginx,
                    "×",
                    3.8,
                    3.0,
                    $"{sample.Microseconds:0.0} µs, nginx {nginx:0.0} µs; Redis {sample.Redis:0.0} µs beside it");
            }
        }
    }

    /// <summary>What an event costs with more silos, or with more shards: it should be the same.</summary>
    /// <param name="silo">The published silo.</param>
    /// <param name="frontend">The published frontend.</param>
    /// <param name="by">What grows: <c>silos</c>, <c>shards</c>, or null for one after the other.</param>
    /// <param name="seconds">Length of one measured run.</param>
    /// <param name="rounds">How often each grid is measured.</param>
    /// <param name="output">Where the report goes.</param>
    public static async Task RunScalingAsync(string silo, string frontend, string? by, int seconds, int rounds, TextWriter output)
    {
        var shapes = by switch
        {
            null => [.. BySilos, .. ByShards.Except(BySilos)],
            "silos" => BySilos,
            "shards" => ByShards,
            _ => throw new ArgumentException("silos or shards", nameof(by)),
        };
        var nginx = MeasureNginx(seconds, rounds);
        Head(output, nginx);
        foreach (var shape in shapes)
        {
            foreach (var sample in await MeasureAsync(silo, frontend, shape, FileSink, seconds, rounds))
                Row(output, $"{shape.Frontends} frontends, {shape.Silos} silos, {shape.Shards} shards", sample, nginx);
        }
    }

    private static double MeasureNginx(int seconds, int rounds)
    {
        using var nginx = MeasuredServer.Nginx();
        _ = WrkLoad.Run(nginx, TimeSpan.FromSeconds(3));
        return Median.Of(Enumerable.Range(0, rounds).Select(_ =>
        {
            var before = nginx.CpuSeconds;
            var load = WrkLoad.Run(nginx, TimeSpan.FromSeconds(seconds));
            return (nginx.CpuSeconds - before) * 1e6 / load.Requests;
        }));
    }

    /// <summary>One sample for each number of connections, the one in the middle of its rounds.</summary>
    private static async Task<IReadOnlyList<Sample>> MeasureAsync(string silo, string frontend, GridShape shape, string sinks, int seconds, int rounds)
    {
        using var grid = await MeasuredGrid.StartAsync(silo, frontend, shape, sinks);
        foreach (var connections in Connections.Reverse())
            _ = WrkLoad.Run(grid.Ports, connections, TimeSpan.FromSeconds(WarmUpSeconds));
        var samples = new List<Sample>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var connections in Connections)
                samples.Add(await MeasureAsync(grid, connections, seconds));
        }
        return
        [
            .. samples.GroupBy(sample => sample.Connections).Select(runs =>
                runs.OrderBy(run => run.Microseconds).ElementAt(runs.Count() / 2) with { Failures = runs.Sum(run => run.Load.Failures) }),
        ];
    }

    private static async Task<Sample> MeasureAsync(MeasuredGrid grid, int connections, int seconds)
    {
        var acceptedBefore = await grid.WaitUntilWrittenAsync();
        var (frontends, silos, redis) = (grid.FrontendCpuSeconds, grid.SiloCpuSeconds, grid.RedisCpuSeconds);
        var load = WrkLoad.Run(grid.Ports, connections, TimeSpan.FromSeconds(seconds));
        var accepted = await grid.WaitUntilWrittenAsync() - acceptedBefore;

        // Not only answers: what was answered with success is in the sinks. Requests under way at the end are accepted and in no answer.
        if (accepted < load.Requests - load.Failures)
            throw new InvalidOperationException($"{load.Requests - load.Failures} events were answered with success, {accepted} were written.");
        return new Sample(
            connections,
            (grid.FrontendCpuSeconds - frontends) * 1e6 / accepted,
            (grid.SiloCpuSeconds - silos) * 1e6 / accepted,
            (grid.RedisCpuSeconds - redis) * 1e6 / accepted,
            load,
            grid.ResidentMebibytes);
    }

    private static void Head(TextWriter output, double nginx)
    {
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nginx empty_gif: {nginx:0.0} µs of processor per request"));
        output.WriteLine();
        output.WriteLine("| grid | connections | events/s | CPU µs/event | × nginx | in frontends | in silos | Redis beside it | p50 ms | p99 ms | failures | RSS MiB, all |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
    }

    private static void Row(TextWriter output, string name, Sample sample, double nginx) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {sample.Connections} | {sample.Load.RequestsPerSecond:0} | {sample.Microseconds:0.0} | {sample.Microseconds / nginx:0.0} | {sample.Frontends:0.0} | {sample.Silos:0.0} "
        + $"| {sample.Redis:0.0} | {sample.Load.P50:0.0} | {sample.Load.P99:0.0} | {sample.Failures} | {sample.ResidentMebibytes:0} |"));

    private sealed record Sample(int Connections, double Frontends, double Silos, double Redis, WrkResult Load, double ResidentMebibytes)
    {
        public double Microseconds => Frontends + Silos;

        /// <summary>Of all rounds.</summary>
        public long Failures { get; init; }
    }
}
