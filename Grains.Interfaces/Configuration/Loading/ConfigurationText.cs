using System.Globalization;
using System.Text;
using Divolte.Grains.Interfaces.Configuration.Binding;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Loading;

/// <summary>Options records to HOCON text that reads back to the same records.</summary>
/// <param name="forDefaults">
/// Whether the text is the built-in defaults: then the environment is asked for what it may set, and values that depend on others are left out.
/// Else secrets are masked.
/// </param>
internal sealed class ConfigurationText(bool forDefaults)
{
    private readonly StringBuilder _text = new();
    private int _level;

    public override string ToString() => _text.ToString();

    public void Open(string key)
    {
        Line($"{HoconPath.Quote(key)} {{");
        _level++;
    }

    public void Close()
    {
        _level--;
        Line("}");
    }

    public void Line(string line) => _text.Append(' ', _level * 2).Append(line).Append('\n');

    /// <summary>Writes the settings of a record, those with a value.</summary>
    public void Write(object record)
    {
        if (SettingSchema.TypeName(record.GetType()) is { } type)
            Line($"type = {type}");
        foreach (var setting in SettingSchema.Of(record.GetType()))
            WriteSetting(setting, setting.Property.GetValue(record));
    }

    private void WriteSetting(Setting setting, object? value)
    {
        if (setting.IsSection)
        {
            Open(setting.Name);
            Write(value!);
            Close();
            return;
        }

        if (value is IReadOnlyDictionary<string, string> properties)
            WriteProperties(setting.Name, properties);
        else if (value is not null && !(forDefaults && setting.Attribute.DefaultText is not null))
            Line($"{setting.Name} = {Format(setting, value)}");
        if (forDefaults && setting.Attribute.Environment is { } variable)
            Line($"{setting.Name} = ${{?{variable}}}");
    }

    private void WriteProperties(string key, IReadOnlyDictionary<string, string> properties)
    {
        Open(key);
        foreach (var (name, value) in properties)
        {
            Line($"{PropertyName(name)} = {HoconText.Quote(forDefaults ? value : Secrets.MaskProperty(name, value))}");
            if (forDefaults && SettingSchema.ProducerEnvironment.TryGetValue(name, out var variable))
                Line($"{PropertyName(name)} = ${{?{variable}}}");
        }

        Close();

        // Written as a path unless the name also begins another one: a key cannot be both a value and an object.
        string PropertyName(string name) =>
            properties.Keys.Any(other => other.StartsWith($"{name}.", StringComparison.Ordinal) || name.StartsWith($"{other}.", StringComparison.Ordinal))
                || name.Split('.').Contains("")
                ? HoconText.Quote(name)
                : string.Join('.', name.Split('.').Select(HoconPath.Quote));
    }

    private string Format(Setting setting, object value) => value switch
    {
        string text => HoconText.Quote(setting.Attribute.IsSecret && !forDefaults ? Secrets.Mask(text) : text),
        bool truth => truth ? "true" : "false",
        TimeSpan duration => HoconDuration.Format(duration),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        Enum name => SettingSchema.NameOf(name),
        IReadOnlyList<string> names => $"[{string.Join(", ", names.Select(HoconText.Quote))}]",
        long size when setting.Attribute.Unit == SettingUnit.Bytes => HoconSize.Format(size),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
