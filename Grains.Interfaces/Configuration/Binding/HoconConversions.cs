using System.Globalization;
using System.Numerics;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>
/// Values to typed settings, by the rules of the library that upstream binds with: lenient between texts, numbers and booleans,
/// strict about everything else. Each method returns null and an error when the value does not fit.
/// </summary>
internal static class HoconConversions
{
    /// <summary>Converts to the type of a setting.</summary>
    /// <param name="value">The value; neither null nor an empty text that stands for a default.</param>
    /// <param name="type">The type: text, whole number, double, boolean, duration, enumeration, names or properties.</param>
    /// <param name="setting">Units, and whether case matters.</param>
    /// <param name="error">Why the value does not fit.</param>
    public static object? To(HoconValue value, Type type, SettingAttribute setting, out string? error)
    {
        error = null;
        if (type == typeof(string))
            return Text(value, out error);
        if (type == typeof(int))
            return Whole(value, setting, int.MinValue, int.MaxValue, out error) is { } whole ? (int)whole : null;
        if (type == typeof(long))
            return Whole(value, setting, long.MinValue, long.MaxValue, out error) is { } whole ? (long)whole : null;
        if (type == typeof(short))
            return Whole(value, setting, short.MinValue, short.MaxValue, out error) is { } whole ? (short)whole : null;
        if (type == typeof(double))
            return Double(value, out error);
        if (type == typeof(bool))
            return Boolean(value, out error);
        if (type == typeof(TimeSpan))
            return Duration(value, out error);
        if (type == typeof(IReadOnlyList<string>))
            return Names(value, out error);
        return type.IsEnum ? Enumeration(value, type, setting.IgnoresCase, out error) : throw new InvalidOperationException($"no conversion to {type}");
    }

    private static string? Text(HoconValue value, out string? error)
    {
        error = value is HoconScalar ? null : $"Expected a string, but found {Article(value)}";
        return (value as HoconScalar)?.Text;
    }

    private static BigInteger? Whole(HoconValue value, SettingAttribute setting, long minimum, long maximum, out string? error)
    {
        error = $"Expected a whole number, but found {Found(value)}";
        if (value is not HoconScalar { Kind: HoconScalarKind.Number or HoconScalarKind.Text } scalar)
            return null;
        BigInteger whole;
        if (scalar.Kind == HoconScalarKind.Number && TryDouble(scalar.Text, out var number))
        {
            // Digits alone are exact; a fraction is cut off, as upstream does.
            if (!BigInteger.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))
                whole = new BigInteger(Math.Truncate(number));
        }
        else if (scalar.Text.Length > 100 || !BigInteger.TryParse(scalar.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))
        {
            if (setting.Unit == SettingUnit.None || scalar.Text.Length > 100 || !HoconSize.TryParse(scalar.Text, out whole))
                return null;
        }

        error = whole < minimum || whole > maximum ? $"Expected a whole number from {minimum} to {maximum}, but found {Found(value)}" : null;
        return error is null ? whole : null;
    }

    private static object? Double(HoconValue value, out string? error)
    {
        error = null;
        if (value is HoconScalar { Kind: HoconScalarKind.Number or HoconScalarKind.Text } scalar
            && TryDouble(scalar.Text.Trim(), out var number))
        {
            return number;
        }

        error = $"Expected a number, but found {Found(value)}";
        return null;
    }

    private static object? Boolean(HoconValue value, out string? error)
    {
        error = null;
        switch (value)
        {
            case HoconScalar { Kind: HoconScalarKind.Number } number:
                return !TryDouble(number.Text, out var truth) || truth != 0;
            case HoconScalar { Text: "true" or "True" }:
                return true;
            case HoconScalar { Text: "false" or "False" }:
                return false;
            default:
                error = $"Expected true or false, but found {Found(value)}";
                return null;
        }
    }

    private static object? Duration(HoconValue value, out string? error)
    {
        if (value is not HoconScalar { Kind: HoconScalarKind.Text } scalar)
        {
            error = $"Expected a string for a duration, such as 750 milliseconds or \"30 minutes\", but found {Found(value)}";
            return null;
        }

        error = HoconDuration.TryParse(scalar.Text, out var duration);
        return error is null ? duration : null;
    }

    private static List<string>? Names(HoconValue value, out string? error)
    {
        error = null;
        if (value.AsList() is not { } list)
        {
            error = $"Expected a list of names, such as [one, two], but found {Found(value)}";
            return null;
        }

        var names = new List<string>(list.Items.Count);
        foreach (var item in list.Items)
        {
            if (item is not HoconScalar { IsNull: false } name)
            {
                error = $"Expected only names in the list, but found {Found(item)}";
                return null;
            }

            if (!names.Contains(name.Text))
                names.Add(name.Text);
        }

        return names;
    }

    private static object? Enumeration(HoconValue value, Type type, bool ignoresCase, out string? error)
    {
        var names = SettingSchema.NamesOf(type).ToList();
        var comparison = ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        // Unquoted true and false are booleans, so that on and off stay the only words for a switch with three positions.
        var index = value is HoconScalar scalar ? names.FindIndex(name => name.Equals(scalar.Text, comparison)) : -1;
        error = index < 0 ? $"Expected one of {string.Join(", ", names)}, but found {Found(value)}" : null;
        return index < 0 ? null : Enum.GetValues(type).GetValue(index);
    }

    private static bool TryDouble(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static string Found(HoconValue value) => value is HoconScalar { IsNull: false } ? $"{Article(value)}: '{value.Describe()}'" : Article(value);

    private static string Article(HoconValue value) => value.KindName switch { "null" => "null", "object" => "an object", var kind => $"a {kind}" };
}
