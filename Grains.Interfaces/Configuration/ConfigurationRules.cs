using System.Globalization;
using System.Text.RegularExpressions;
using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>Rules across objects, and those within one that a range cannot express. Reports every violation, not the first.</summary>
/// <param name="configuration">The model, before anything is corrected in it.</param>
/// <param name="originOf">Where the value at a dotted path was written.</param>
/// <param name="unread">Names that are declared, but whose objects could not be read.</param>
internal sealed partial class ConfigurationRules(DivolteConfiguration configuration, Func<string, HoconOrigin?> originOf, ISet<string> unread)
{
    /// <summary>Where upstream places rules that concern the whole configuration.</summary>
    private static readonly ConfigurationPath Everywhere = new("divolte", "divolte.");

    public IEnumerable<ConfigurationViolation> Violations() =>
        new[] { Names(), Schemas(), ConfluentIds(), Sources(), Mappings(), Sinks(), Grid() }.SelectMany(rules => rules).OfType<ConfigurationViolation>();

    private IEnumerable<ConfigurationViolation?> Names()
    {
        var sources = configuration.Sources.Select(source => source.Name).ToHashSet();
        var sinks = configuration.Sinks.Select(sink => sink.Name).ToHashSet();
        var undefined = configuration.Mappings.SelectMany(mapping => mapping.Sources.Concat(mapping.Sinks)).Except(sources).Except(sinks).Except(unread)
            .Order(StringComparer.Ordinal).ToList();
        yield return Everyone(
            "all sources and sinks that mappings name must be defined; these are not: {0}",
            undefined,
            configuration.Mappings.Where(mapping => mapping.Sources.Concat(mapping.Sinks).Any(undefined.Contains)).Select(PathOf));
        var both = configuration.Sources.Select(source => source.Name).Where(sinks.Contains).ToList();
        yield return Everyone("a name cannot be both a source and a sink: {0}", both, both.Select(PathOfSink));
        foreach (var mapping in configuration.Mappings)
        {
            var path = PathOf(mapping);
            yield return Listed(path.Key("sources"), "must name sources, but these are sinks: {0}", mapping.Sources.Where(sinks.Except(sources).Contains));
            yield return Listed(path.Key("sinks"), "must name sinks, but these are sources: {0}", mapping.Sinks.Where(sources.Except(sinks).Contains));
        }
    }

    private IEnumerable<ConfigurationViolation?> Schemas()
    {
        yield return EverySink(
            "all mappings that feed one sink must have the same schema_file; they differ for these sinks: {0}",
            SinksWhere(mappings => mappings.Select(mapping => mapping.SchemaFile).Distinct().Count() > 1));
        yield return EverySink(
            "a mapping without mapping_script_file uses the built-in schema and cannot share a sink with a mapping of another schema; sinks: {0}",
            SinksWhere(mappings => mappings.Select(mapping => mapping.SchemaFile).Distinct().Count() == 1 && mappings[0].SchemaFile is not null
                && mappings.Select(mapping => mapping.MappingScriptFile is null).Distinct().Count() > 1));
    }

    private IEnumerable<ConfigurationViolation?> ConfluentIds()
    {
        var confluent = configuration.Sinks.OfType<KafkaSinkOptions>().Where(sink => sink.Mode == KafkaMode.Confluent).Select(sink => sink.Name).ToHashSet();
        var lacking = configuration.Mappings.Where(mapping => mapping.ConfluentId is null && mapping.Sinks.Any(confluent.Contains)).ToList();
        yield return Everyone(
            "mappings that feed a sink in confluent mode must have a confluent_id; these have none: {0}",
            lacking.Select(mapping => mapping.Name),
            lacking.Select(PathOf));
        yield return EverySink(
            "all mappings that feed one sink must have the same confluent_id; they differ for these sinks: {0}",
            SinksWhere(mappings => mappings.Where(mapping => mapping.ConfluentId is not null).Select(mapping => mapping.ConfluentId).Distinct().Count() > 1));
        yield return EverySink(
            "either all or none of the mappings that feed one sink must have a confluent_id; they are mixed for these sinks: {0}",
            SinksWhere(mappings => mappings.Select(mapping => mapping.ConfluentId is null).Distinct().Count() > 1).Where(name => !confluent.Contains(name)));
    }

    private IEnumerable<ConfigurationViolation?> Sources()
    {
        foreach (var source in configuration.Sources.OfType<BrowserSourceOptions>())
        {
            var (name, path) = (source.JavaScript.Name, ConfigurationPath.Root.Key("sources").Entry(source.Name).Key("javascript").Key("name"));
            yield return Unless(ScriptName().IsMatch(name), path, "must match \"^[A-Za-z0-9_-]+\\.js$\"", name);
            yield return Unless(
                source.CookieSameSite is not CookieSameSite.None || source.IsCookieSecure,
                ConfigurationPath.Root.Key("sources").Entry(source.Name).Key("cookie_same_site"),
                "must be lax or strict, or come with cookie_secure = true: browsers refuse the cookies otherwise",
                "none");
            yield return Unless(
                !source.JavaScript.IsCookieless || !source.HasServerPartyCookie,
                ConfigurationPath.Root.Key("sources").Entry(source.Name).Key("server_party_cookie"),
                "must be false with javascript.cookieless",
                "true");
            yield return Unless(
                !source.JavaScript.IsCookieless || source.JavaScript.OfflineEvents == 0,
                ConfigurationPath.Root.Key("sources").Entry(source.Name).Key("javascript").Key("offline_events"),
                "must be 0 with javascript.cookieless: nothing is stored in the browser then",
                source.JavaScript.OfflineEvents.ToString(CultureInfo.InvariantCulture));
        }
    }

    private IEnumerable<ConfigurationViolation?> Mappings()
    {
        foreach (var mapping in configuration.Mappings)
        {
            var path = PathOf(mapping);
            yield return Unless(mapping.SchemaFile is not "", path.Key("schema_file"), "must name a file, or be left out for the built-in schema", "");
            yield return Unless(
                mapping.MappingScriptFile is not "", path.Key("mapping_script_file"), "must name a file, or be left out for the built-in mapping", "");
        }
    }

    private IEnumerable<ConfigurationViolation?> Sinks()
    {
        foreach (var sink in configuration.Sinks)
        {
            var path = PathOfSink(sink.Name);
            yield return Unless(
                sink is KafkaSinkOptions || sink.DeadLetterTopic is null,
                path.Key("dead_letters"),
                "must be a directory: only Kafka sinks can write dead letters to a topic",
                sink.DeadLetters);
            foreach (var violation in CloudSinkRules.Check(sink, path, configuration.IsWritten(sink), Unless))
                yield return violation;
            if (sink is KafkaSinkOptions { Topic: var topic } && configuration.IsWritten(sink))
            {
                yield return Unless(
                    TopicName().IsMatch(topic), path.Key("topic"), "must have 1 to 249 letters, digits, dots, underscores or dashes: Kafka takes no other", topic);
            }
        }
    }

    private IEnumerable<ConfigurationViolation?> Grid()
    {
        var (grid, path) = (configuration.Global.Grid, ConfigurationPath.Root.Key("global").Key("grid"));
        yield return Unless(
            grid.Store != GridStore.Redis || !string.IsNullOrEmpty(grid.Redis), path.Key("redis"), "must be a Redis connection string when the store is redis", "");
        yield return Unless(
            ClusterName().IsMatch(grid.Cluster), path.Key("cluster"), "must be 1 to 64 letters, digits, dots, dashes and underscores", grid.Cluster);
        yield return Unless(
            string.IsNullOrEmpty(grid.Address) || System.Net.IPAddress.TryParse(grid.Address, out _), path.Key("address"), "must be an IP address", grid.Address ?? "");
        yield return Unless(grid.Queues <= grid.Shards, path.Key("queues"), $"must be at most the number of shards, {grid.Shards}", $"{grid.Queues}");
        yield return Unless(
            !configuration.Global.Gcps.IsEnabled || configuration.Global.Gcps.ProjectId is not null,
            ConfigurationPath.Root.Key("global").Key("gcps"),
            "must have a configured or default Google Cloud project when Pub/Sub is enabled: set project_id",
            "");
    }

    /// <summary>A rule that concerns the whole configuration; the lines are those of the objects that break it, a few of them.</summary>
    private ConfigurationViolation? Everyone(string message, IEnumerable<string> names, IEnumerable<ConfigurationPath> culprits)
    {
        var lines = culprits.Select(path => originOf(path.InFile)?.ToString()).OfType<string>().Distinct().Take(5).ToList();
        return Listed(Everywhere, message, names) is { } violation ? violation with { Origin = lines.Count == 0 ? null : string.Join(", ", lines) } : null;
    }

    private ConfigurationViolation? EverySink(string message, IEnumerable<string> names)
    {
        var sinks = names.ToList();
        return Everyone(message, sinks, configuration.Mappings.Where(mapping => mapping.Sinks.Any(sinks.Contains)).Select(PathOf));
    }

    private ConfigurationViolation? Listed(ConfigurationPath path, string message, IEnumerable<string> names)
    {
        var list = $"[{string.Join(", ", names)}]";
        return Unless(list == "[]", path, message.Replace("{0}", list, StringComparison.Ordinal), list);
    }

    private ConfigurationViolation? Unless(bool isKept, ConfigurationPath path, string message, string? found) =>
        isKept ? null : new ConfigurationViolation(path.InModel, message, found, originOf(path.InFile)?.ToString());

    private static ConfigurationPath PathOf(MappingOptions mapping) => ConfigurationPath.Root.Key("mappings").Entry(mapping.Name);

    private static ConfigurationPath PathOfSink(string name) => ConfigurationPath.Root.Key("sinks").Entry(name);

    private IEnumerable<string> SinksWhere(Func<List<MappingOptions>, bool> isBroken) =>
        configuration.Sinks.Select(sink => sink.Name).Where(name => isBroken([.. configuration.Mappings.Where(mapping => mapping.Sinks.Contains(name))]));

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\.js\z", RegexOptions.CultureInvariant)]
    private static partial Regex ScriptName();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TopicName();

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ClusterName();
}
