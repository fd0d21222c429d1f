namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>Binds a property to its key in the configuration file. Files are read, checked, printed and documented by it.</summary>
/// <param name="name">The key: snake_case, case-sensitive.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    /// <summary>Whether Divolte Collector has the setting too, or only we.</summary>
    public SettingOrigin From { get; init; } = SettingOrigin.Upstream;

    /// <summary>Environment variable that the built-in defaults take the value from; a value in a file goes before it.</summary>
    public string? Environment { get; init; }

    /// <summary>What a number counts. Entries and bytes may be written with a size unit.</summary>
    public SettingUnit Unit { get; init; }

    /// <summary>Smallest value allowed; for durations in milliseconds.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>Largest value allowed; for durations in milliseconds.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>Whether the object must say it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether the value is never printed.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether case does not matter in the value.</summary>
    public bool IgnoresCase { get; init; }

    /// <summary>A value as it may be written; for the reference.</summary>
    public string? Example { get; init; }

    /// <summary>The default in words, where it is not the value of a new record.</summary>
    public string? DefaultText { get; init; }
}

/// <summary>Who introduced a setting.</summary>
internal enum SettingOrigin
{
    /// <summary>Divolte Collector.</summary>
    Upstream,

    /// <summary>This program.</summary>
    Ours,
}

/// <summary>What a number counts.</summary>
internal enum SettingUnit
{
    None,
    Entries,
    Bytes,
}
