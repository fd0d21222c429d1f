using System.Text.Json;
using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon.Files;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>The resolved tree to the whole model: reads what is there, adds what is implied.</summary>
internal sealed class ConfigurationModel(HoconBinder binder, ConfigurationRequest request, IHoconFiles files)
{
    /// <summary>Timers count milliseconds in 32 bits; a longer wait means "for ever".</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(24);

    /// <summary>The model; null when there is no <c>divolte</c> object at all.</summary>
    public DivolteConfiguration? Build(HoconObject root)
    {
        if (root.Find("divolte") is not { } value)
            throw new HoconException(root.Origin, "No configuration setting found for key 'divolte'");
        if (binder.RequireObject(value, ConfigurationPath.Root) is not { } divolte)
            return null;

        binder.RejectUnknown(divolte, ConfigurationPath.Root, ["global", "sources", "mappings", "sinks"]);
        var global = Complete(BindGlobal(divolte));
        var sources = Block(divolte, "sources") is { } sourceBlock
            ? binder.BindTyped<SourceOptions>(sourceBlock, ConfigurationPath.Root.Key("sources"), SettingSchema.SourceTypes)
            : [new BrowserSourceOptions { Name = "browser" }];
        var sinks = Block(divolte, "sinks") is { } sinkBlock
            ? binder.BindTyped<SinkOptions>(sinkBlock, ConfigurationPath.Root.Key("sinks"), SettingSchema.SinkTypes)
            : ImplicitSinks(global.Grid.DataDirectory);
        var mappings = Block(divolte, "mappings") is { } mappingBlock
            ? binder.BindNamed<MappingOptions>(mappingBlock, ConfigurationPath.Root.Key("mappings"))
            : [new MappingOptions { Name = "default", Sources = [.. sources.Select(source => source.Name)], Sinks = [.. sinks.Select(sink => sink.Name)] }];
        return new DivolteConfiguration { Global = global, Sources = [.. sources.Select(Normalize)], Sinks = sinks, Mappings = mappings };
    }

    /// <summary>
    /// The sinks of a configuration without a <c>sinks</c> block. Unlike upstream's, which leave files of an hour in <c>/tmp</c>, the files are in
    /// the data directory and a first user sees one within a minute.
    /// </summary>
    private static List<SinkOptions> ImplicitSinks(string dataDirectory) =>
    [
        new HdfsSinkOptions
        {
            Name = "hdfs",
            Replication = 1,
            IsImplicit = true,
            FileStrategy = new FileStrategyOptions
            {
                WorkingDirectory = Path.Combine(dataDirectory, "files", "working"),
                PublishDirectory = Path.Combine(dataDirectory, "files"),
                RollEvery = TimeSpan.FromMinutes(1),
                SyncFileAfterDuration = TimeSpan.FromSeconds(1),
            },
        },
        new KafkaSinkOptions { Name = "kafka" },
        new PubSubSinkOptions { Name = "gcps" },
    ];

    private GlobalOptions BindGlobal(HoconObject divolte) =>
        Block(divolte, "global") is { } value && binder.RequireObject(value, ConfigurationPath.Root.Key("global")) is { } global
            ? (GlobalOptions)binder.Bind(global, ConfigurationPath.Root.Key("global"), new GlobalOptions())
            : new GlobalOptions();

    /// <summary>Fills in what depends on other settings or on the surroundings.</summary>
    private GlobalOptions Complete(GlobalOptions global)
    {
        var (server, grid) = (global.Server, global.Grid);
        return global with
        {
            Server = server with
            {
                Host = string.IsNullOrEmpty(server.Host) ? null : server.Host,
                ShutdownDelay = Limit(server.ShutdownDelay),
                ShutdownTimeout = Limit(server.ShutdownTimeout),
            },
            Grid = grid with
            {
                DataDirectory = IsGiven("divolte.global.grid.data_directory")
                    ? grid.DataDirectory
                    : server.Port == new ServerOptions().Port ? "data" : $"data-{server.Port}",
                Queues = IsGiven("divolte.global.grid.queues") || grid.Store == GridStore.Local ? grid.Queues : Math.Min(16, grid.Shards),
            },
            Gcps = global.Gcps with { ProjectId = string.IsNullOrEmpty(global.Gcps.ProjectId) ? DiscoverProject() : global.Gcps.ProjectId },
        };
    }

    private bool IsGiven(string path) => binder.Origin(path) is not null;

    /// <summary>The project that the surroundings name: a variable, else the credentials file. Nothing is asked over a network.</summary>
    private string? DiscoverProject()
    {
        if (request.Environment.GetValueOrDefault("GOOGLE_CLOUD_PROJECT") is { Length: > 0 } project)
            return project;
        if (request.Environment.GetValueOrDefault("GOOGLE_APPLICATION_CREDENTIALS") is not { Length: > 0 } credentials || !files.Exists(credentials))
            return null;
        try
        {
            using var document = JsonDocument.Parse(files.Read(credentials));
            return document.RootElement is { ValueKind: JsonValueKind.Object } key && key.TryGetProperty("project_id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            // Whoever opens a Pub/Sub sink reports unreadable credentials; here they only name no project.
            return null;
        }
    }

    private static SourceOptions Normalize(SourceOptions source) => source switch
    {
        BrowserSourceOptions browser => browser with
        {
            Prefix = Slashed(browser.Prefix.EndsWith('/') ? browser.Prefix : browser.Prefix + "/"),
            HttpResponseDelay = Limit(browser.HttpResponseDelay),
        },
        JsonSourceOptions json => json with { EventPath = Slashed(json.EventPath) },
        _ => source,
    };

    private static string Slashed(string path) => path.StartsWith('/') ? path : "/" + path;

    private static TimeSpan Limit(TimeSpan wait) => wait > LongestWait ? LongestWait : wait;

    private static HoconValue? Block(HoconObject divolte, string key) => divolte.Find(key) is { } value and not HoconScalar { IsNull: true } ? value : null;
}
