using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;
using Divolte.Grains.Interfaces.Configuration.Hocon.Files;
using Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>
/// Loads the configuration. The file is the first of: <c>--config FILE</c>; <c>-Dconfig.file=FILE</c>; <c>$DIVOLTE_CONF_DIR/divolte-collector.conf</c>,
/// or without that variable <c>conf/divolte-collector.conf</c> in the working directory, when it is a regular file; otherwise the built-in defaults apply.
/// Never throws for anything that a file, a variable or an option contains.
/// </summary>
public static class ConfigurationLoader
{
    /// <summary>Loads what the request decides.</summary>
    public static ConfigurationResult Load(ConfigurationRequest request) => Load(request, new LocalHoconFiles());

    /// <summary>Loads a configuration from text, over the built-in defaults.</summary>
    /// <param name="text">HOCON.</param>
    /// <param name="environment">Environment variables; none when null.</param>
    public static ConfigurationResult LoadText(string text, IReadOnlyDictionary<string, string>? environment = null) =>
        Load(new ConfigurationRequest { Environment = environment ?? new Dictionary<string, string>() }, new LocalHoconFiles(), text);

    internal static ConfigurationResult Load(ConfigurationRequest request, IHoconFiles files, string? text = null)
    {
        var layers = new ConfigurationLayers(request, files);
        var binder = new HoconBinder();
        try
        {
            var root = HoconResolver.Resolve(layers.Merge(text), name => request.Environment.GetValueOrDefault(name));
            var configuration = new ConfigurationModel(binder, request, files).Build(root);
            return Finish(layers, binder, configuration, request.Environment);
        }
        catch (HoconException exception)
        {
            var violation = new ConfigurationViolation("", exception.Reason, null, exception.Origin.ToString()) { Kind = ConfigurationViolationKind.Syntax };
            return new ConfigurationResult(layers.File, null, [violation], []);
        }
    }

    private static ConfigurationResult Finish(
        ConfigurationLayers layers,
        HoconBinder binder,
        DivolteConfiguration? configuration,
        IReadOnlyDictionary<string, string> environment)
    {
        if (configuration is null || !binder.IsComplete)
            return new ConfigurationResult(layers.File, null, binder.Violations, []);
        List<ConfigurationViolation> violations = [.. binder.Violations, .. new ConfigurationRules(configuration, binder.Origin, binder.Unread).Violations()];
        List<ConfigurationWarning> warnings = violations.Count > 0 ? [] : [.. new ConfigurationAdvice(configuration, binder.Origin, environment).Warnings()];
        return new ConfigurationResult(layers.File, WithOneSchema(configuration), violations, warnings);
    }

    /// <summary>
    /// A mapping without script is the built-in one, which fills the built-in schema: another schema beside it would make its files unreadable.
    /// </summary>
    private static DivolteConfiguration WithOneSchema(DivolteConfiguration configuration) => configuration with
    {
        Mappings = [.. configuration.Mappings.Select(mapping => mapping.MappingScriptFile is null ? mapping with { SchemaFile = null } : mapping)],
    };
}
