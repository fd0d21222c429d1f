using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Mapping;
using Divolte.Grains.Placement;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Backlog;
using Divolte.Grains.Sinks.Progress;
using Divolte.Grains.Streaming;
using Divolte.Grains.Telemetry;
using Divolte.Grains.Tests.Sinks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Divolte.Grains.Tests.Streaming;

/// <summary>Silos in process with the real stream provider and sink grains over a given journal and given sinks.</summary>
internal sealed class StreamGrid : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly DirectoryInfo _data;

    private StreamGrid(InProcessTestCluster cluster, IJournal journal, ScriptedSink[] sinks, DirectoryInfo data)
    {
        _cluster = cluster;
        _data = data;
        Journal = journal;
        Sinks = sinks;
    }

    public IJournal Journal { get; }

    public ScriptedSink[] Sinks { get; }

    public InProcessTestCluster Cluster => _cluster;

    public static Task<StreamGrid> StartAsync(IJournal journal, params ScriptedSink[] sinks) => StartAsync(silos: 1, journal, sinks);

    public static async Task<StreamGrid> StartAsync(short silos, IJournal journal, params ScriptedSink[] sinks)
    {
        var data = Directory.CreateTempSubdirectory("divolte-grid-");
        var configuration = ConfigurationOf(data, sinks);
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(configuration);
            var guard = new BacklogGuard(new Undisposed(journal));
            silo.Services.AddSingleton(guard);
            silo.Services.AddSingleton<IJournal>(guard);
            silo.Services.AddSingleton<OpenSink>(options => sinks.Single(sink => sink.Name == options.Name));
            silo.Services.AddSingleton<MappingsOfSink>(_ => [WorkerBench.Mapping("mapping")]);
            silo.Services.AddSingleton(services => new QueueOwners(
                services.GetRequiredService<IClusterMembershipService>(),
                services.GetRequiredService<IClusterManifestProvider>(),
                services.GetRequiredService<ILocalSiloDetails>(),
                journal)
            {
                LookPeriod = TimeSpan.FromMilliseconds(200),
            });
            silo.AddSinks(sinks.Select(sink => sink.Name));
        });
        builder.ConfigureSilo((_, silo) => silo.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning)));
        var cluster = builder.Build();
        await new SinkCursors(journal, Microsoft.Extensions.Logging.Abstractions.NullLogger<SinkCursors>.Instance).InitializeAsync([.. sinks.Select(sink => sink.Name)], default);
        await cluster.DeployAsync();
        return new StreamGrid(cluster, journal, sinks, data);
    }

    public ISinkGrain SinkGrain(string sink, int queue) => Services.GetRequiredService<IGrainFactory>().GetGrain<ISinkGrain>(JournalStream.KeyOf(sink, queue));

    public IReadOnlyList<JournalWindow> Windows(string sink) =>
        [.. Enumerable.Range(0, Journal.Parameters.Queues).Select(queue => Services.GetRequiredService<JournalWindows>().Find(sink, queue)).OfType<JournalWindow>()];

    public Task AppendAsync(int shard, string id, int padding = 0) =>
        Journal.AppendAsync(AFrame.Append(shard, AFrame.Of(id, eventType: "pageView" + new string(' ', padding))), default).AsTask();

    public static Task UntilAsync(Func<bool> isSo, string what) => UntilAsync(() => Task.FromResult(isSo()), what);

    public static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await isSo())
        {
            if (patience.IsCancellationRequested)
                throw new TimeoutException($"Waited for {what}.");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        _data.Delete(recursive: true);
    }

    /// <summary>The silo that reads a queue, and so has its window.</summary>
    public InProcessSiloHandle? ReaderOf(string sink, int queue) =>
        _cluster.Silos.FirstOrDefault(silo => silo.IsActive && silo.ServiceProvider.GetRequiredService<JournalWindows>().Find(sink, queue) is not null);

    public static IReadOnlyCollection<SinkWorker> WorkersOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<SinkWorkers>().Running;

    private IServiceProvider Services => _cluster.Silos[0].ServiceProvider;

    private static DivolteConfiguration ConfigurationOf(DirectoryInfo data, ScriptedSink[] sinks) => new()
    {
        Global = new GlobalOptions
        {
            Kafka = new KafkaOptions { IsEnabled = true },
            Grid = new GridOptions { DataDirectory = data.FullName },
        },
        Sinks = [.. sinks.Select(sink => new KafkaSinkOptions { Name = sink.Name })],
        Mappings = [new MappingOptions { Name = "mapping", Sources = [AFrame.Browser], Sinks = [.. sinks.Select(sink => sink.Name)] }],
    };
}
