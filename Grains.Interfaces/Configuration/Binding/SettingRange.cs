using System.Globalization;
using Divolte.Grains.Interfaces.Configuration.Hocon;

namespace Divolte.Grains.Interfaces.Configuration.Binding;

/// <summary>Smallest and largest value of a setting.</summary>
internal static class SettingRange
{
    /// <summary>Why the value is out of range; null when it is not.</summary>
    public static string? Violation(SettingAttribute setting, object? value)
    {
        var (number, isDuration) = value switch
        {
            TimeSpan duration => (duration.TotalMilliseconds, true),
            int or long or short or double => (Convert.ToDouble(value, CultureInfo.InvariantCulture), false),
            _ => (double.NaN, false),
        };
        if (!(number < setting.Minimum) && !(number > setting.Maximum))
            return null;
        return $"must be {Describe(setting, isDuration)}";
    }

    /// <summary>The range in words; null when there is none.</summary>
    public static string? Describe(SettingAttribute setting, bool isDuration)
    {
        return (double.IsFinite(setting.Minimum), double.IsFinite(setting.Maximum)) switch
        {
            (true, true) => $"from {Show(setting.Minimum)} to {Show(setting.Maximum)}",
            (true, false) => $"at least {Show(setting.Minimum)}",
            (false, true) => $"at most {Show(setting.Maximum)}",
            _ => null,
        };

        string Show(double bound) =>
            isDuration ? HoconDuration.Format(TimeSpan.FromMilliseconds(bound))
            : setting.Unit == SettingUnit.Bytes ? HoconSize.Format((long)bound)
            : bound.ToString(CultureInfo.InvariantCulture);
    }
}
