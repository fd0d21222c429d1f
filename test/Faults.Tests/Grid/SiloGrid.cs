using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Divolte.TestKit.Processes;
using Divolte.TestKit.Visitors;

namespace Divolte.Faults.Tests.Grid;

/// <summary>
/// Several silo processes on one machine, from one configuration file, over a real Redis and a real Kafka: one mapping feeds a sink that delivers exactly
/// once and one that delivers at least once. Ends like every fault run: all ids compared, the ledger balanced.
/// </summary>
internal sealed class SiloGrid : IAsyncDisposable
{
    /// <summary>The default of <c>divolte.global.grid.shards</c>.</summary>
    private const int Shards = 64;

    private const string OnceTopic = "grid-once";
    private const string LeastTopic = "grid-least";

    private readonly List<SiloProcess> _silos = [];
    private readonly KafkaBroker _kafka;
    private readonly TemporaryFolder _folder;
    private readonly string _configuration;
    private readonly ITestOutputHelper _output;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private volatile int[] _ports = [];

    private SiloGrid(
        KafkaBroker kafka, TemporaryFolder folder, string configuration, string redis, string http, string sync, bool isSpilling, ITestOutputHelper output)
    {
        _kafka = kafka;
        _folder = folder;
        _configuration = configuration;
        _output = output;
        var environment = new Dictionary<string, string>
        {
            ["DIVOLTE_STORE"] = "redis",
            ["DIVOLTE_REDIS"] = redis,
            ["DIVOLTE_REDIS_SYNC"] = sync,
            ["DIVOLTE_ADDRESS"] = "127.0.0.1",
            ["DIVOLTE_SILO_PORT"] = "0",
            ["DIVOLTE_GATEWAY_PORT"] = "0",
            ["DIVOLTE_HTTP"] = http,
            ["DIVOLTE_QUEUES"] = "4",
        };
        if (isSpilling)
            environment["DIVOLTE_SPILL_DIRECTORY"] = folder.Below("spill");
        _environment = environment;
    }

    /// <summary>The silos that run, in the order of their start.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>Their public ports: what a balancer would know.</summary>
    public IReadOnlyList<int> Ports => _ports;

    /// <summary>The broker of the sinks.</summary>
    public KafkaBroker Kafka => _kafka;

    /// <summary>Folder of the run.</summary>
    public TemporaryFolder Folder => _folder;

    /// <summary>What the grid's processes are told by their environment.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>What a process of the grid runs on.</summary>
    /// <param name="directory">Name of its data directory.</param>
    public SiloProcessSettings SettingsOf(string directory) => new()
    {
        DataDirectory = _folder.Below(directory),
        Arguments = ["--config", _configuration],
        Environment = _environment,
    };

    /// <summary>Visitors of all silos that a balancer would know, a fifth of whose events come twice.</summary>
    public VisitorFleet NewFleet(SentEvents sent, int events, int seed, long firstNumber = 0, int padding = 0) => new(
        new VisitorFleetSettings
        {
            Port = 0,
            PortsNow = () => Ports,
            Seed = seed,
            Events = events,
            FirstNumber = firstNumber,
            Padding = padding,
            RepetitionShare = 0.2,
            AnswerTimeout = TimeSpan.FromSeconds(2),
        },
        sent);

    /// <summary>Starts a grid, or skips the running test.</summary>
    /// <param name="redis">Connection string of the store.</param>
    /// <param name="silos">How many silos.</param>
    /// <param name="output">The test's output.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="http">Whether silos take visitors: <c>off</c> when frontends do.</param>
    /// <param name="sync">What the configuration says of the store's syncs.</param>
    /// <param name="mapping">Writes what the mapping has besides source and sinks, when it is not the default one.</param>
    /// <param name="isSpilling">Whether both Kafka sinks have a small backlog and a directory that all silos share to spill it, and a sink of files beside them.</param>
    public static async Task<SiloGrid> StartOrSkipAsync(
        string redis, int silos, ITestOutputHelper output, CancellationToken cancellationToken, string http = "on", string sync = "always",
        Func<TemporaryFolder, string>? mapping = null, bool isSpilling = false)
    {
        var kafka = await KafkaBroker.StartOrSkipAsync(cancellationToken, ownBroker: true);
        var folder = new TemporaryFolder();
        var maximum = isSpilling ? ", backlog_maximum = 1 MiB" : "";
        var files = isSpilling ? $$"""files { type = hdfs, file_strategy { working_dir = "{{folder.Below("files", "working")}}", publish_dir = "{{folder.Below("files")}}" } }""" : "";
        var configuration = folder.Write("divolte-collector.conf", $$"""
            divolte {
              global {
                hdfs.enabled = {{(isSpilling ? "true" : "false")}}
                kafka { enabled = true, producer { bootstrap.servers = ["{{kafka.Bootstrap}}"] } }
              }
              sources { browser { type = browser } }
              sinks {
                once { type = kafka, topic = {{OnceTopic}}, delivery = exactly_once{{maximum}} }
                least { type = kafka, topic = {{LeastTopic}}{{maximum}} }
                {{files}}
              }
              mappings { all { sources = [browser], sinks = [once, least{{(isSpilling ? ", files" : "")}}], {{mapping?.Invoke(folder)}} } }
            }
            """);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Bootstrap }).Build())
        {
            await admin.CreateTopicsAsync([
                new TopicSpecification { Name = OnceTopic, NumPartitions = 3, ReplicationFactor = 1 },
                new TopicSpecification { Name = LeastTopic, NumPartitions = 3, ReplicationFactor = 1 },
            ]);
        }
        var grid = new SiloGrid(kafka, folder, configuration, redis, http, sync, isSpilling, output);
        try
        {
            for (var silo = 0; silo < silos; silo++)
                await grid.AddSiloAsync(cancellationToken);
            return grid;
        }
        catch
        {
            await grid.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more silo.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="change">What is different with this one.</param>
    public async Task<SiloProcess> AddSiloAsync(CancellationToken cancellationToken, Func<SiloProcessSettings, SiloProcessSettings>? change = null)
    {
        var settings = SettingsOf($"data-{_silos.Count}") with { IsServingHttp = _environment["DIVOLTE_HTTP"] == "on" };
        var silo = await SiloProcess.StartAsync(change?.Invoke(settings) ?? settings, cancellationToken);
        _silos.Add(silo);
        _ports = [.. _ports, silo.Port];
        return silo;
    }

    /// <summary>The balancer sends nothing there any more.</summary>
    public void TakeOut(SiloProcess silo) => _ports = [.. _ports.Where(port => port != silo.Port)];

    /// <summary>Runs an operator's command on the grid's configuration.</summary>
    public Task<string> RunCommandAsync(params string[] arguments) => RunCommandOfAsync(RepositoryPaths.SiloProgram, arguments);

    /// <summary>The same with the program of some build.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunCommandOfAsync(string program, params string[] arguments)
    {
        var settings = SettingsOf("command");
        await using var command = SiloProcess.Launch(settings with { Program = program, Arguments = [.. arguments, .. settings.Arguments] });
        var code = await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
        Assert.True(code == 0, $"{string.Join(' ', arguments)} ended with exit code {code}. Its output:\n{command.Output}");
        return command.Output;
    }

    /// <summary>The same of a command that must refuse.</summary>
    public async Task<string> RunRefusedAsync(string program, params string[] arguments)
    {
        var settings = SettingsOf("command");
        await using var command = SiloProcess.Launch(settings with { Program = program, Arguments = [.. arguments, .. settings.Arguments] });
        Assert.Equal(1, await command.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        return command.Output;
    }

    /// <summary>How many shards each silo holds, as one of them tells it.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> CountShardsAsync(SiloProcess asked, CancellationToken cancellationToken)
    {
        var status = await ReadStatusAsync(asked, cancellationToken);
        return status.GetProperty("shards").EnumerateArray().GroupBy(shard => shard.GetProperty("silo").GetString()!).ToDictionary(group => group.Key, group => group.Count());
    }

    /// <summary>Waits until every shard is on one of so many silos, as one of them tells it.</summary>
    public static async Task WaitForShardsAsync(SiloProcess asked, int silos, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        var last = "";
        while (!await AreThereAsync())
        {
            Assert.True(waiting.Elapsed < TimeSpan.FromMinutes(2), $"Not all shards on {silos} silos within two minutes: {last}.");
            await Task.Delay(250, cancellationToken);
        }

        async Task<bool> AreThereAsync()
        {
            try
            {
                var shards = await CountShardsAsync(asked, cancellationToken);
                last = string.Join(", ", shards);
                return shards.Count == silos && shards.Values.Sum() == Shards;
            }
            catch (HttpRequestException silent) // while a silo hangs that is not found dead yet, nobody may know
            {
                last = silent.Message;
                return false;
            }
        }
    }

    /// <summary>How many queues of each sink each silo writes, as one of them tells it: by sink, the most first.</summary>
    public static async Task<IReadOnlyDictionary<string, int[]>> CountWritersAsync(SiloProcess asked, CancellationToken cancellationToken)
    {
        var status = await ReadStatusAsync(asked, cancellationToken);
        return status.GetProperty("sinks").EnumerateArray()
            .GroupBy(queue => queue.GetProperty("sink").GetString()!)
            .ToDictionary(
                sink => sink.Key,
                sink => sink.GroupBy(queue => queue.GetProperty("silo").GetString()!).Select(silo => silo.Count()).OrderDescending().ToArray());
    }

    public static async Task<JsonElement> ReadStatusAsync(SiloProcess asked, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{asked.AdminPort}/status"), cancellationToken);
    }

    /// <summary>The incarnation of the journal.</summary>
    public async Task<long> ReadIncarnationAsync(CancellationToken cancellationToken) =>
        (await ReadStatusAsync(Silos[0], cancellationToken)).GetProperty("journal").GetProperty("incarnation").GetInt64();

    /// <summary>Sends events through the grid's public ports, and waits until all have their answer.</summary>
    public async Task<SentEvents> SendAsync(int events, long firstNumber, int seed, CancellationToken cancellationToken)
    {
        var sent = new SentEvents();
        var fleet = NewFleet(sent, events, seed, firstNumber);
        await fleet.RunAsync(cancellationToken);
        _output.WriteLine(fleet.DescribeWaits());
        return sent;
    }

    /// <summary>Waits until all sinks have stopped with the incarnation as the reason, lets them go on as an operator does, and waits until nothing pends.</summary>
    public async Task RestartStoppedSinksAsync(CancellationToken cancellationToken)
    {
        // A sink stops when it next looks into its queue.
        for (var tries = 0; tries < 100 && !await AreStoppedAsync(); tries++)
            await Task.Delay(100, cancellationToken);
        Assert.True(await AreStoppedAsync(), "Sinks go on in a journal that came back shorter.");
        foreach (var sink in new[] { "once", "least" })
            await RunCommandAsync("sinks", "restart", sink, "oldest");
        await Ledger.WaitUntilNothingPendsAsync(Silos[0], _ => true, cancellationToken);

        async Task<bool> AreStoppedAsync()
        {
            var status = await ReadStatusAsync(Silos[0], cancellationToken);
            return status.GetProperty("sinks").EnumerateArray().All(sink => sink.GetProperty("reason").GetString()!.Contains("incarnation", StringComparison.Ordinal));
        }
    }

    /// <summary>Waits until nothing pends, checks the ledger, and compares all ids in both sinks.</summary>
    public async Task VerifyAsync(SiloProcess asked, SentEvents sent, CancellationToken cancellationToken, bool isOrdered = true)
    {
        var written = await Ledger.WaitUntilNothingPendsAsync(asked, _ => true, cancellationToken);
        foreach (var (sink, isExactlyOnce) in new[] { ("once", true), ("least", false) })
        {
            var delivered = ReadDelivered(sink);
            _output.WriteLine($"{sink}: {delivered.Count} records of {sent.AcknowledgedCount} acknowledged events, {delivered.Count(one => one.IsDuplicate)} flagged; ledger: {written[sink]} written");
            Assert.Empty(DeliveryComparison.FindBreaches(sent, delivered, isExactlyOnce, isOrdered).Take(10));
            if (isExactlyOnce)
                Assert.Equal(delivered.Count, written[sink]);
        }
    }

    /// <summary>What a sink has delivered so far.</summary>
    /// <param name="sink">Its name.</param>
    /// <param name="schema">The records' schema; that of the default mapping unless given.</param>
    public IReadOnlyList<DeliveredEvent> ReadDelivered(string sink, Avro.Schema? schema = null)
    {
        schema ??= Avro.Schema.Parse(File.ReadAllText(Path.Combine(RepositoryPaths.Root, "Grains", "Schemas", "DefaultEventRecord.avsc")));
        return DeliveredMessages.Read(_kafka.Bootstrap, sink == "once" ? OnceTopic : LeastTopic, schema);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            _output.WriteLine($"--- silo on port {silo.Port}:\n{silo.Output[^Math.Min(silo.Output.Length, 3000)..]}");
            await silo.DisposeAsync();
        }
        _kafka.Dispose();
        _folder.Dispose();
    }
}
