using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>
/// A resolved tree to options records. Goes on after a mistake, with the default in its place, so that all mistakes come at once.
/// An unknown key is a mistake.
/// </summary>
internal sealed class HoconBinder
{
    private readonly Dictionary<string, HoconOrigin> _origins = [];
    private readonly List<ConfigurationViolation> _violations = [];

    public IReadOnlyList<ConfigurationViolation> Violations => _violations;

    /// <summary>Whether every block of named objects was one; else rules across objects would report what is not missing.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Names of sources, sinks and mappings that are declared but could not be read: no rule may call them undefined.</summary>
    public ISet<string> Unread { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Where the value at a dotted path was written; null when it was not.</summary>
    public HoconOrigin? Origin(string path) => _origins.TryGetValue(path, out var origin) ? origin : null;

    /// <summary>Reads an object into a record.</summary>
    /// <param name="from">The object.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="defaults">Gives the values of keys that are absent.</param>
    /// <param name="name">Name of the object, for records that have one.</param>
    /// <param name="otherKeys">Keys that are allowed too.</param>
    public object Bind(HoconObject from, ConfigurationPath path, object defaults, string? name = null, params IReadOnlyList<string> otherKeys)
    {
        _origins[path.InFile] = from.Origin;
        var settings = SettingSchema.Of(defaults.GetType());
        var record = Activator.CreateInstance(defaults.GetType())!;
        if (name is not null)
            defaults.GetType().GetProperty("Name")!.SetValue(record, name);
        foreach (var setting in settings)
            setting.Property.SetValue(record, BindSetting(setting, from.Find(setting.Name), path, from.Origin, setting.Property.GetValue(defaults)));
        RejectUnknown(from, path, [.. otherKeys, .. settings.Select(setting => setting.Name)]);
        return record;
    }

    /// <summary>Reads named objects whose <c>type</c> decides the record.</summary>
    public List<T> BindTyped<T>(HoconValue block, ConfigurationPath path, IReadOnlyDictionary<string, Type> types)
        where T : class =>
        BindEntries<T>(block, path, (fields, entryPath, name) =>
        {
            var found = fields.Find("type") is { } type and not HoconScalar { IsNull: true } ? type : null;
            if (found is HoconScalar { Text: var text } && types.TryGetValue(text, out var record))
                return Bind(fields, entryPath, Activator.CreateInstance(record)!, name, "type");
            var known = string.Join(", ", types.Keys);
            Report(
                found is null ? entryPath : entryPath.Key("type"),
                found is null ? $"Missing property 'type', which must be one of: {known}" : $"Unknown type '{found.Describe()}', known types are: {known}",
                (found ?? fields).Origin,
                found?.Describe());
            return null;
        });

    /// <summary>Reads named objects of one record.</summary>
    public List<T> BindNamed<T>(HoconValue block, ConfigurationPath path)
        where T : class =>
        BindEntries<T>(block, path, (fields, entryPath, name) => Bind(fields, entryPath, Activator.CreateInstance<T>(), name));

    /// <summary>The value as an object; reports it when it is another kind.</summary>
    public HoconObject? RequireObject(HoconValue value, ConfigurationPath path)
    {
        if (value is HoconObject fields)
            return fields;
        Report(path, $"Expected an object, but found {(value.KindName == "null" ? "null" : $"a {value.KindName}")}", value.Origin, value.Describe());
        return null;
    }

    /// <summary>Reports every key that is not among the known ones.</summary>
    public void RejectUnknown(HoconObject from, ConfigurationPath path, IReadOnlyList<string> known)
    {
        foreach (var (key, value) in from.Fields)
        {
            if (known.Contains(key))
                continue;
            var message = $"Unknown setting '{key}'{NearestSetting.Hint(key, path, known)}";
            _violations.Add(new ConfigurationViolation(path.Key(key).InFile, message, null, value.Origin.ToString())
            {
                Kind = ConfigurationViolationKind.Binding,
                AvailableProperties = known,
            });
        }
    }

    private List<T> BindEntries<T>(HoconValue block, ConfigurationPath path, Func<HoconObject, ConfigurationPath, string, object?> bind)
        where T : class
    {
        var entries = new List<T>();
        var named = RequireObject(block, path);
        IsComplete &= named is not null;
        foreach (var (name, value) in named?.Fields ?? [])
        {
            var entryPath = path.Entry(name);
            if (RequireObject(value, entryPath) is { } fields && bind(fields, entryPath, name) is T entry)
                entries.Add(entry);
            else
                Unread.Add(name);
        }

        return entries;
    }

    private object? BindSetting(Setting setting, HoconValue? value, ConfigurationPath parent, HoconOrigin parentOrigin, object? defaultValue)
    {
        var path = parent.Key(setting.Name);
        if (setting.ValueType == typeof(IReadOnlyList<string>))
            defaultValue ??= Array.Empty<string>();
        if (value is null or HoconScalar { IsNull: true })
        {
            if (setting.Attribute.IsRequired)
                Report(path, $"Missing property '{setting.Name}'", value?.Origin ?? parentOrigin, null);
            return defaultValue;
        }

        if (value is HoconScalar { Text: "", Kind: HoconScalarKind.Text } && Unset(setting, path, defaultValue, out var unset))
            return unset;

        _origins[path.InFile] = value.Origin;
        if (setting.IsSection)
            return RequireObject(value, path) is { } fields ? Bind(fields, path, defaultValue!) : defaultValue;
        if (setting.IsProperties)
            return RequireObject(value, path) is { } block ? BindProperties(block, path) : defaultValue;

        var converted = HoconConversions.To(value, setting.ValueType, setting.Attribute, out var error);
        var shown = setting.Attribute.IsSecret ? "***" : value.Describe();
        if (error is not null)
            Report(path, error, value.Origin, shown);
        else if (SettingRange.Violation(setting.Attribute, converted) is { } reason)
            _violations.Add(new ConfigurationViolation(path.InModel, reason, shown, value.Origin.ToString()));
        else
            return converted;
        return defaultValue;
    }

    /// <summary>
    /// What an empty text means, typically a variable that is set but empty. For our own settings: nothing was set. For upstream's whole numbers
    /// and booleans: 0 and false under <c>global</c>, the default elsewhere. Other types take the empty text itself.
    /// </summary>
    private static bool Unset(Setting setting, ConfigurationPath path, object? defaultValue, out object? value)
    {
        var isOurs = setting.Attribute.From == SettingOrigin.Ours;
        var isCounted = Type.GetTypeCode(setting.ValueType) is TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 or TypeCode.Boolean && !setting.ValueType.IsEnum;
        var isZero = !isOurs && isCounted && path.InFile.StartsWith("divolte.global.", StringComparison.Ordinal);
        value = isZero ? Activator.CreateInstance(setting.ValueType) : defaultValue;
        // A zero that is out of range is reported like any other.
        return (isOurs || isCounted) && SettingRange.Violation(setting.Attribute, value) is null;
    }

    private Dictionary<string, string> BindProperties(HoconObject block, ConfigurationPath path) =>
        HoconFlattening.Flatten(
            block,
            (name, origin) => _origins[$"{path.InFile}.{name}"] = origin,
            (name, reason, origin) => Report(new ConfigurationPath($"{path.InFile}.{name}", ""), reason, origin, null));

    private void Report(ConfigurationPath path, string message, HoconOrigin origin, string? found) =>
        _violations.Add(new ConfigurationViolation(path.InFile, message, found, origin.ToString()) { Kind = ConfigurationViolationKind.Binding });
}
