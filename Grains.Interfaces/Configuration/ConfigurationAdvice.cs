using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>What works, but perhaps not as meant.</summary>
/// <param name="configuration">The model, before anything is corrected in it.</param>
/// <param name="originOf">Where the value at a dotted path was written.</param>
/// <param name="environment">The environment variables.</param>
internal sealed class ConfigurationAdvice(
    DivolteConfiguration configuration,
    Func<string, HoconOrigin?> originOf,
    IReadOnlyDictionary<string, string> environment)
{
    public IEnumerable<ConfigurationWarning> Warnings() => [.. Paths(), .. Sources(), .. Mappings(), .. Sinks(), .. Kafka(), .. Global()];

    private IEnumerable<ConfigurationWarning> Paths()
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (source, path, url) in Urls())
        {
            // Slashes at the end and repeated ones do not tell addresses apart.
            var address = "/" + string.Join('/', url.Split('/', StringSplitOptions.RemoveEmptyEntries));
            if (address == "/ping")
                yield return Warn(path, "is never asked at /ping, which answers for the health of the server");
            else if (!owners.TryAdd(address, source))
                yield return Warn(path, Taken(address, owners[address], source));
        }
    }

    private static string Taken(string address, string owner, string source) => owner == source
        ? $"script and events have the same address {address}: only the script answers there"
        : $"has the same address {address} as the source '{owner}': only that one answers there";

    private IEnumerable<(string Source, ConfigurationPath Path, string Url)> Urls()
    {
        foreach (var source in configuration.Sources)
        {
            var path = ConfigurationPath.Root.Key("sources").Entry(source.Name);
            if (source is BrowserSourceOptions browser)
            {
                yield return (source.Name, path, browser.Prefix + browser.JavaScript.Name);
                yield return (source.Name, path, browser.Prefix + browser.EventSuffix);
            }
            else if (source is JsonSourceOptions json)
            {
                yield return (source.Name, path, json.EventPath);
            }
        }
    }

    private IEnumerable<ConfigurationWarning> Sources()
    {
        foreach (var source in configuration.Sources)
        {
            var path = ConfigurationPath.Root.Key("sources").Entry(source.Name);
            if (!configuration.Mappings.Any(mapping => mapping.Sources.Contains(source.Name)))
                yield return Warn(path, "no mapping takes its events: they are answered and discarded");
            if (source is BrowserSourceOptions { CookieDomain: { } domain } && domain.AsSpan().ContainsAny('\'', '"'))
            {
                yield return Warn(
                    path.Key("cookie_domain"),
                    $"is {domain} with the quotes, which browsers refuse, so that each page is a new visitor: text stands in double quotes, and no domain is \"\"");
            }

            if (source is BrowserSourceOptions browser && (source.Acknowledge ?? configuration.Global.Grid.Acknowledge) == Acknowledgement.Durable
                && configuration.Global.Grid.AnswerTimeout >= browser.JavaScript.EventTimeout)
            {
                var answer = HoconDuration.Format(configuration.Global.Grid.AnswerTimeout);
                yield return Warn(
                    path.Key("javascript").Key("event_timeout"),
                    $"is not longer than divolte.global.grid.answer_timeout, {answer}: the script gives up before a slow answer comes");
            }
        }
    }

    private IEnumerable<ConfigurationWarning> Mappings()
    {
        foreach (var mapping in configuration.Mappings)
        {
            var path = ConfigurationPath.Root.Key("mappings").Entry(mapping.Name);
            var sinks = configuration.Sinks.Where(sink => mapping.Sinks.Contains(sink.Name)).ToList();
            if (mapping.Sources.Count == 0)
                yield return Warn(path.Key("sources"), "no source feeds this mapping");
            if (mapping.Sinks.Count == 0)
                yield return Warn(path.Key("sinks"), "this mapping feeds no sink");
            else if (sinks.Count > 0 && !sinks.Any(configuration.IsEnabled))
                yield return Warn(path.Key("sinks"), $"all sinks of this mapping are of a type that is not enabled: {Quoted(sinks)}");
            if (mapping is { SchemaFile: not null, MappingScriptFile: null })
                yield return Warn(path.Key("schema_file"), "is ignored: without mapping_script_file the built-in mapping and its built-in schema are used");
        }
    }

    private IEnumerable<ConfigurationWarning> Sinks()
    {
        var isLocal = configuration.Global.Hdfs.Client?.GetValueOrDefault("fs.defaultFS") is not { } target || target.StartsWith("file:", StringComparison.Ordinal);
        if (configuration.Global.Grid.Store != GridStore.Redis || !isLocal)
            yield break;
        foreach (var sink in configuration.Sinks.OfType<HdfsSinkOptions>().Where(configuration.IsWritten))
        {
            yield return Warn(
                ConfigurationPath.Root.Key("sinks").Entry(sink.Name),
                "writes local files in a grid: its directories must be on storage that every silo sees and that survives each of them");
        }
    }

    /// <summary>Producer properties that sinks overrule, all in one line; built-in ones are no news to anybody.</summary>
    private IEnumerable<ConfigurationWarning> Kafka()
    {
        var producer = configuration.Global.Kafka.Producer;
        var path = ConfigurationPath.Root.Key("global").Key("kafka").Key("producer");
        var found = configuration.Sinks.OfType<KafkaSinkOptions>().Where(configuration.IsWritten)
            .SelectMany(sink => KafkaProducerRules.Overruled(producer, sink.Delivery).Select(property => (Sink: sink, Property: property)))
            .Where(pair => originOf($"{path.InFile}.{pair.Property.Name}") is { IsBuiltIn: false })
            .ToList();
        if (found.Count == 0)
            yield break;
        var overruled = found.Select(pair => pair.Property).Distinct().ToList();
        var choices = overruled.Where(property => property.IsChoice).Select(property => property.Name).ToList();
        yield return new ConfigurationWarning(
            path.InFile,
            $"overruled by the sinks {Quoted(found.Select(pair => pair.Sink).Distinct())}: "
            + string.Join(", ", overruled.Select(property => $"{property.Name} = {property.Found} (used instead: {property.Used})"))
            + (choices.Count > 0 ? $"; a sink with delivery = as_configured keeps {string.Join(", ", choices)}, and may lose or repeat records" : ""),
            Lines(overruled.Select(property => $"{path.InFile}.{property.Name}")));
    }

    private IEnumerable<ConfigurationWarning> Global()
    {
        var (mapper, grid, path) = (configuration.Global.Mapper, configuration.Global.Grid, ConfigurationPath.Root.Key("global"));
        if (configuration.Global.Server.Host is null && !string.IsNullOrEmpty(environment.GetValueOrDefault("DIVOLTE_HOST")))
            yield return Warn(path.Key("server").Key("host"), "is not set: the variable DIVOLTE_HOST has an effect only with host = ${?DIVOLTE_HOST} in the file");
        if (mapper.UserAgentParser.Type != UserAgentParserType.NonUpdating)
            yield return Warn(path.Key("mapper").Key("user_agent_parser").Key("type"), "the online databases no longer exist: the built-in rules are used");
        if (grid.DuplicateCapacity < mapper.DuplicateMemorySize)
        {
            yield return Warn(
                path.Key("mapper").Key("duplicate_memory_size"),
                $"is more than divolte.global.grid.duplicate_capacity, {grid.DuplicateCapacity}, which limits it");
        }

        if (grid.Store == GridStore.Local && !string.IsNullOrEmpty(grid.Redis))
            yield return Warn(path.Key("grid").Key("redis"), "is not used, because divolte.global.grid.store is local");
    }

    private static string Quoted(IEnumerable<SinkOptions> sinks) => string.Join(", ", sinks.Select(sink => $"'{sink.Name}'"));

    /// <summary>Where some settings were written, a few of the places.</summary>
    private string? Lines(IEnumerable<string> paths)
    {
        var lines = paths.Select(path => originOf(path)?.ToString()).OfType<string>().Distinct().Take(5).ToList();
        return lines.Count == 0 ? null : string.Join(", ", lines);
    }

    private ConfigurationWarning Warn(ConfigurationPath path, string message) => new(path.InFile, message, originOf(path.InFile)?.ToString());
}
