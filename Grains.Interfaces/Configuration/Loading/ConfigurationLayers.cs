using Divolte.Grains.Interfaces.Configuration.Hocon.Files;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>Finds the user's file and lays everything over each other: built-in defaults, file, <c>-D</c> options, forced variables.</summary>
internal sealed class ConfigurationLayers(ConfigurationRequest request, IHoconFiles files)
{
    private const string FileName = "divolte-collector.conf";

    private static readonly string[] LocationProperties = ["config.file", "config.resource", "config.url"];

    private readonly HoconIncludes _includes = new(files, BuiltInDefaults.Text, NonEmpty(request, "HADOOP_CONF_DIR"));

    private readonly Dictionary<string, string> _properties = JavaOptions
        .Properties([.. JavaOptions.Split(request.Environment.GetValueOrDefault("DIVOLTE_JAVA_OPTS") ?? ""), .. request.Overrides])
        .GroupBy(property => property.Name, StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => same.Last().Value, StringComparer.Ordinal);

    /// <summary>The file that was found; null when there is none.</summary>
    public string? File { get; private set; }

    /// <summary>All layers merged.</summary>
    /// <param name="text">Configuration text instead of a file; null to look for the file.</param>
    /// <exception cref="HoconException">The file is missing, unreadable or not HOCON.</exception>
    public HoconObjectNode Merge(string? text)
    {
        var root = HoconParser.Parse(BuiltInDefaults.Text, new HoconSource(HoconOrigin.BuiltInSource, request.WorkingDirectory), _includes);
        root.Merge(text is null ? ReadFile() : HoconParser.Parse(text, HoconSource.Memory(request.WorkingDirectory), _includes));
        root.Merge(Flat(JavaOptions.OfTheProcess(request), "system properties"));
        root.Merge(Flat(_properties.Select(pair => (pair.Key, pair.Value)), "system properties"));
        if (_properties.GetValueOrDefault("config.override_with_env_vars") is "true")
            root.Merge(Flat(ForcedVariables(), "environment variables"));
        return root;
    }

    private HoconObjectNode ReadFile()
    {
        var named = LocationProperties.Where(_properties.ContainsKey).ToList();
        if (named.Count > 1)
        {
            throw new HoconException(
                new HoconOrigin("system properties"),
                $"only one of config.file, config.resource and config.url may be given, but there are {string.Join(" and ", named)}");
        }

        if (request.ConfigFile is { } explicitFile)
            return Read(explicitFile, "--config");
        if (named is ["config.file"])
            return Read(_properties["config.file"], "config.file");
        if (ConfigurationDirectoryFile() is { } found)
            return Read(found, FileName);
        if (named.Count > 0)
            return ReadNamed(named[0], _properties[named[0]]);
        return ReadNamed("config.resource", "application", isRequired: false);
    }

    private string? ConfigurationDirectoryFile()
    {
        var candidate = NonEmpty(request, "DIVOLTE_CONF_DIR") is { } directory
            ? Path.Combine(request.WorkingDirectory, directory, FileName)
            : Path.Combine(request.WorkingDirectory, "conf", FileName);
        return files.Exists(candidate) ? candidate : null;
    }

    private HoconObjectNode Read(string path, string namedBy)
    {
        var origin = new HoconOrigin(namedBy);
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new HoconException(origin, "names no file");
        File = Path.GetFullPath(Path.Combine(request.WorkingDirectory, path));
        return _includes.ReadFile(File, origin, at: null);
    }

    private HoconObjectNode ReadNamed(string property, string name, bool isRequired = true)
    {
        var kind = property == "config.url" ? HoconIncludeKind.Url : HoconIncludeKind.Resource;
        var statement = new HoconIncludeStatement(kind, name, isRequired, new HoconOrigin(property));
        return statement.Read(_includes, HoconSource.Memory(request.WorkingDirectory), at: null);
    }

    private static HoconObjectNode Flat(IEnumerable<(string Name, string Value)> properties, string source) =>
        HoconProperties.Build(
            [.. properties.Where(property => !property.Name.Split('.').Contains(""))
                .Select(property => (property.Name, property.Value, new HoconOrigin($"{source} {property.Name}")))],
            source);

    /// <summary><c>CONFIG_FORCE_a_b</c> sets <c>a.b</c>; two underscores are a dash, three an underscore.</summary>
    private IEnumerable<(string Name, string Value)> ForcedVariables()
    {
        const string prefix = "CONFIG_FORCE_";
        foreach (var (name, value) in request.Environment)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            yield return (name[prefix.Length..].Replace("___", "\u0001", StringComparison.Ordinal).Replace("__", "-", StringComparison.Ordinal)
                .Replace('_', '.').Replace('\u0001', '_'), value);
        }
    }

    private static string? NonEmpty(ConfigurationRequest request, string variable) =>
        request.Environment.GetValueOrDefault(variable) is { Length: > 0 } value ? value : null;
}
