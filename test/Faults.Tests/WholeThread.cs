using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests;

/// <summary>
/// One silo with three sinks fed by one mapping: files, Kafka exactly once and Kafka at least once; and the check at the end of every fault run: all ids
/// compared, the ledger balanced.
/// </summary>
internal sealed class WholeThread
{
    private const string OnceTopic = "events-once";
    private const string LeastTopic = "events-least";
    private readonly string _bootstrap;
    private readonly string _published;

    private WholeThread(SiloProcessSettings settings, string bootstrap, string published)
    {
        Settings = settings;
        _bootstrap = bootstrap;
        _published = published;
    }

    public SiloProcessSettings Settings { get; }

    /// <param name="folder">Folder of the run.</param>
    /// <param name="kafka">The broker.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <param name="kafkaSink">What each Kafka sink has besides.</param>
    public static async Task<WholeThread> PrepareAsync(TemporaryFolder folder, KafkaBroker kafka, CancellationToken cancellationToken, string kafkaSink = "")
    {
        cancellationToken.ThrowIfCancellationRequested();
        var published = folder.Below("published");
        var configuration = folder.Write("divolte-collector.conf", $$"""
            divolte {
              global {
                kafka { enabled = true, producer { bootstrap.servers = ["{{kafka.Bootstrap}}"] } }
              }
              sources { browser { type = browser } }
              sinks {
                files {
                  type = hdfs, replication = 1
                  file_strategy { working_dir = "{{folder.Below("working")}}", publish_dir = "{{published}}", roll_every = 5 seconds, sync_file_after_duration = 1 second }
                }
                once { type = kafka, topic = {{OnceTopic}}, delivery = exactly_once, {{kafkaSink}} }
                least { type = kafka, topic = {{LeastTopic}}, {{kafkaSink}} }
              }
              mappings { all { sources = [browser], sinks = [files, once, least] } }
            }
            """);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Bootstrap }).Build();
        await admin.CreateTopicsAsync([
            new TopicSpecification { Name = OnceTopic, NumPartitions = 3, ReplicationFactor = 1 },
            new TopicSpecification { Name = LeastTopic, NumPartitions = 3, ReplicationFactor = 1 },
        ]);
        var settings = new SiloProcessSettings { DataDirectory = folder.Below("data"), Arguments = ["--config", configuration] };
        return new WholeThread(settings, kafka.Bootstrap, published);
    }

    /// <summary>Waits until nothing is pending, checks the ledger, stops the silo gracefully, and compares all ids in all sinks.</summary>
    public async Task VerifyAsync(SiloProcess silo, SentEvents sent, ITestOutputHelper output, CancellationToken cancellationToken)
    {
        var ledger = await Ledger.WaitUntilNothingPendsAsync(silo, _ => true, cancellationToken);
        Assert.Contains(await silo.StopAsync(TimeSpan.FromSeconds(60)), new[] { 0, 143 });
        var files = DeliveredFiles.Read(_published);
        var schema = DeliveredFiles.SchemaOf(_published);
        var once = DeliveredMessages.Read(_bootstrap, OnceTopic, schema);
        var least = DeliveredMessages.Read(_bootstrap, LeastTopic, schema);
        output.WriteLine($"{sent.All.Count} events, {sent.All.Sum(e => e.Sends)} sends, {sent.All.Sum(e => e.Acknowledged)} acknowledged; "
            + $"records: {files.Count} in files, {once.Count} exactly once, {least.Count} at least once");

        Assert.Empty(DeliveryComparison.FindBreaches(sent, files, isExactlyOnce: true).Take(20));
        Assert.Empty(DeliveryComparison.FindBreaches(sent, once, isExactlyOnce: true).Take(20));
        Assert.Empty(DeliveryComparison.FindBreaches(sent, least, isExactlyOnce: false).Take(20));
        Assert.Equal(ledger["files"], files.Count);
        Assert.Equal(ledger["once"], once.Count);
    }
}
