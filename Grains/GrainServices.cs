using Divolte.Grains.Geo;
using Divolte.Grains.Intake;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Journal;
using Divolte.Grains.Journal.Redis;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Sinks;
using Divolte.Grains.Sinks.Backlog;
using Divolte.Grains.Sinks.Files;
using Divolte.Grains.Sinks.Kafka;
using Divolte.Grains.Telemetry;
using Divolte.Grains.UserAgents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Versions.Compatibility;

namespace Divolte.Grains;

/// <summary>Everything that happens to an event after it was submitted, in the order in which an event meets it.</summary>
internal static class GrainServices
{
    /// <summary>The journal itself, behind the guard that everybody else sees.</summary>
    private const string StoreKey = "store";

    /// <summary>Registers all concepts and the streams. The host adds <see cref="DivolteConfiguration"/> and a clock, and asks for the journal first.</summary>
    public static ISiloBuilder AddGrains(this ISiloBuilder silo, DivolteConfiguration configuration)
    {
        var services = silo.Services;
        services.AddSingleton<GridMetrics>();
        services.AddKeyedSingleton<IJournal>(StoreKey, (provider, _) => OpenJournal(provider));
        services.AddSingleton(provider => new BacklogGuard(provider.GetRequiredKeyedService<IJournal>(StoreKey)));
        services.AddSingleton<IJournal>(provider => provider.GetRequiredService<BacklogGuard>());
        services.AddIntake();
        services.AddSingleton(CachedUserAgents.Create(configuration.Global.Mapper.UserAgentParser));
        services.AddSingleton<IUserAgents>(provider => provider.GetRequiredService<CachedUserAgents>());
        services.AddUserAgentReports<CachedUserAgents>();
        services.AddGeo(configuration.Global.Mapper.Ip2GeoDatabase);
        services.AddSingleton<MappingCatalog>();
        services.AddSingleton<OpenSink>(provider => options => Open(options, provider));
        silo.AddSinks(SinkCatalog.ActiveOf(configuration).Select(sink => sink.Name));
        // Shards and queues are placed by hash over all silos, so while one release replaces another each takes the calls of both.
        silo.Configure<GrainVersioningOptions>(options => options.DefaultCompatibilityStrategy = nameof(AllVersionsCompatible));
        return silo;
    }

    /// <summary>The journal of a grid, for an operator's command. Only with <c>store = redis</c>.</summary>
    /// <exception cref="JournalException">It cannot be opened.</exception>
    public static RedisJournal OpenSharedJournal(IServiceProvider services) => (RedisJournal)services.GetRequiredKeyedService<IJournal>(StoreKey);

    /// <summary>Makes the destinations of all active sinks.</summary>
    /// <returns>What is wrong with them, one line each; empty when a start may go on.</returns>
    public static IReadOnlyList<string> OpenSinks(IServiceProvider services)
    {
        var catalog = services.GetRequiredService<SinkCatalog>();
        var problems = new List<string>();
        foreach (var options in catalog.Active)
        {
            try
            {
                if (catalog.Get(options.Name) is FileSink files && files.FindProblem() is { } problem)
                    problems.Add(problem);
            }
            catch (SinkUnavailableException problem)
            {
                problems.Add(problem.Message);
            }
        }
        return problems;
    }

    private static IJournal OpenJournal(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<DivolteConfiguration>();
        var grid = configuration.Global.Grid;
        var parameters = new JournalParameters(grid.Shards, grid.Queues, grid.RouteBy == RouteBy.Party ? "party" : "uri");
        return grid.Store == GridStore.Redis ? OpenRedis(configuration, parameters, services) : OpenLocal(configuration, parameters, services);
    }

    private static RedisJournal OpenRedis(DivolteConfiguration configuration, JournalParameters parameters, IServiceProvider services)
    {
        var grid = configuration.Global.Grid;
        var options = new RedisJournalOptions
        {
            Connection = grid.Redis ?? "",
            Server = grid.RedisServer,
            Cluster = grid.Cluster,
            Parameters = parameters,
            DuplicateWindow = grid.DuplicateWindow,
            DuplicateMemorySize = configuration.Global.Mapper.DuplicateMemorySize,
            DuplicateCapacity = grid.DuplicateCapacity,
            RetainWithoutSinks = SinkCatalog.ActiveOf(configuration).Count > 0,
        };

        // The host asks for the journal first, from its own thread, and has nothing else to do until it is open.
        return RedisJournal.OpenAsync(options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RedisJournal>>()).GetAwaiter().GetResult();
    }

    private static LocalJournal OpenLocal(DivolteConfiguration configuration, JournalParameters parameters, IServiceProvider services)
    {
        var grid = configuration.Global.Grid;
        var options = new LocalJournalOptions
        {
            DataDirectory = grid.DataDirectory,
            Parameters = parameters,
            DuplicateWindow = grid.DuplicateWindow,
            DuplicateMemorySize = configuration.Global.Mapper.DuplicateMemorySize,
            DuplicateCapacity = grid.DuplicateCapacity,
            RetainWithoutSinks = SinkCatalog.ActiveOf(configuration).Count > 0,
        };
        return LocalJournal.Open(options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<LocalJournal>>());
    }

    private static ISink Open(SinkOptions options, IServiceProvider services)
    {
        var configuration = services.GetRequiredService<DivolteConfiguration>();
        var grid = configuration.Global.Grid;
        var parameters = services.GetRequiredService<IJournal>().Parameters;
        var time = services.GetRequiredService<TimeProvider>();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        return options switch
        {
            HdfsSinkOptions files => new FileSink(
                files, configuration.Global.Hdfs.Threads, parameters.Queues, SchemaOf(files.Name, services), grid.DataDirectory, new LocalFileStore(), time, loggers),
            KafkaSinkOptions kafka => KafkaSinks.Create(
                kafka, configuration.Global.Kafka, parameters, NameOf(grid, services), time, loggers),
            _ => throw new SinkUnavailableException($"Sink {options.Name}: this build has no destination of its type."),
        };
    }

    private static string NameOf(GridOptions grid, IServiceProvider services) =>
        services.GetRequiredKeyedService<IJournal>(StoreKey) is RedisJournal redis ? redis.Name : JournalName.ReadOrCreate(grid.DataDirectory);

    /// <summary>A file has one schema, so all mappings of its sink share it; the configuration's rules see to that.</summary>
    private static string SchemaOf(string sink, IServiceProvider services) =>
        services.GetRequiredService<MappingCatalog>().ForSink(sink)[0].Schema.Json;
}
