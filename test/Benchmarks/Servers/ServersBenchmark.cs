using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Divolte.TestKit.Processes;

namespace Divolte.Benchmarks.Servers;

/// <summary>
/// Whole servers under one load in one run: nginx and a bare Kestrel as yardsticks, the published silo in its ways of working. The figure that counts is CPU
/// time per event (user and system, until the server has nothing left to do; the broker's is not counted) relative to nginx in the same run.
/// </summary>
internal static class ServersBenchmark
{
    private static readonly (string Row, double Bar, double Aim)[] Bars =
    [
        ("silo received, Kafka", 2.2, 1.9),
        ("silo durable, Kafka", 2.6, 2.1),
        ("silo received, files", 2.2, 1.9),
        ("silo durable, files", 2.6, 2.1),
    ];

    /// <param name="program">The published silo.</param>
    /// <param name="seconds">Length of one measured run.</param>
    /// <param name="rounds">How often each server is measured; the median counts.</param>
    /// <param name="output">Where the report goes.</param>
    public static async Task RunAsync(string program, int seconds, int rounds, TextWriter output)
    {
        using var kafka = RepositoryPaths.KafkaScript is null ? null : await KafkaBroker.StartOrSkipAsync(CancellationToken.None, ownBroker: true);
        var servers = new List<MeasuredServer>();
        try
        {
            servers.Add(MeasuredServer.Nginx());
            servers.Add(MeasuredServer.BareKestrel());
            foreach (var acknowledge in new[] { "received", "durable" })
            {
                if (kafka is not null)
                {
                    await CreateTopicAsync(kafka.Bootstrap, $"events-{acknowledge}", partitions: 4);
                    servers.Add(MeasuredServer.Silo($"silo {acknowledge}, Kafka", program, Configuration(acknowledge, KafkaSink(kafka.Bootstrap, $"events-{acknowledge}"))));
                }
                servers.Add(MeasuredServer.Silo($"silo {acknowledge}, files", program, Configuration(acknowledge, FileSink)));
            }
            if (kafka is null)
                output.WriteLine("No Kafka broker beside the checkout: the Kafka rows are left out.");
            var samples = servers.ToDictionary(server => server, _ => new List<Sample>());
            foreach (var server in servers)
                _ = Measure(server, seconds: 10);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var server in servers)
                    samples[server].Add(Measure(server, seconds));
            }
            Report(samples, output);
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    /// <summary>One file sink, and what feeds it.</summary>
    public const string FileSink = """
          sinks { files { type = hdfs, replication = 1, file_strategy { working_dir = "{directory}/working", publish_dir = "{directory}/published" } } }
          mappings { all { sources = [browser], sinks = [files] } }
        """;

    /// <summary>One Kafka sink, and what feeds it.</summary>
    public static string KafkaSink(string bootstrap, string topic) => $$"""
          global.kafka { enabled = true, producer { bootstrap.servers = "{{bootstrap}}" } }
          sinks { kafka { type = kafka, topic = {{topic}} } }
          mappings { all { sources = [browser], sinks = [kafka] } }
        """;

    /// <summary>The whole configuration of a process that stands alone.</summary>
    public static string Configuration(string acknowledge, string sink) => $$"""
        divolte {
          global.grid.acknowledge = {{acknowledge}}
        {{sink}}
        }
        """;

    public static async Task CreateTopicAsync(string bootstrap, string topic, int partitions)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
    }

    private static Sample Measure(MeasuredServer server, int seconds)
    {
        ProcessFigures.WaitUntilIdle(server.ProcessId);
        var before = server.CpuSeconds;
        var load = WrkLoad.Run(server, TimeSpan.FromSeconds(seconds));
        ProcessFigures.WaitUntilIdle(server.ProcessId);
        var microseconds = (server.CpuSeconds - before) * 1e6 / load.Requests;
        return new Sample(microseconds, load, ProcessFigures.ResidentMebibytes(server.ProcessId));
    }

    private static void Report(Dictionary<MeasuredServer, List<Sample>> samples, TextWriter output)
    {
        var nginx = Median.Of(samples.First().Value.Select(sample => sample.Microseconds));
        output.WriteLine();
        output.WriteLine($"| server | requests/s | CPU µs/event | × nginx | bar | aim | p50 ms | p99 ms | failures | RSS MiB | first answer ms |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (server, runs) in samples)
        {
            var bar = Bars.FirstOrDefault(found => found.Row == server.Name);
            var microseconds = Median.Of(runs.Select(run => run.Microseconds));
            if (bar.Row is not null)
                Scorecard.Add($"{server.Name}: CPU per event relative to nginx", microseconds / nginx, "×", bar.Bar, bar.Aim, $"{microseconds:0.0} µs, nginx {nginx:0.0} µs");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {server.Name} | {Median.Of(runs.Select(run => run.Load.RequestsPerSecond)):0} | {Median.Of(runs.Select(run => run.Microseconds)):0.0} "
                + $"| {Median.Of(runs.Select(run => run.Microseconds)) / nginx:0.00} | {(bar.Row is null ? "" : bar.Bar)} | {(bar.Row is null ? "" : bar.Aim)} "
                + $"| {Median.Of(runs.Select(run => run.Load.P50)):0.0} | {Median.Of(runs.Select(run => run.Load.P99)):0.0} | {runs.Sum(run => run.Load.Failures)} "
                + $"| {runs[^1].ResidentMebibytes:0} | {server.TimeToFirstAnswer.TotalMilliseconds:0} |"));
        }
    }

    private sealed record Sample(double Microseconds, WrkResult Load, double ResidentMebibytes);
}
