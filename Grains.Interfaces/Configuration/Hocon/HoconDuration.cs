using System.Globalization;
using System.Numerics;

namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>Durations as text: a number and a unit, case-sensitive; without a unit, milliseconds.</summary>
internal static class HoconDuration
{
    private const double NanosecondsMax = long.MaxValue;

    /// <summary>Parses the text. Results below 100 ns are cut to whole ticks; beyond about 292 years the result is about 292 years.</summary>
    /// <returns>The reason why the text is no duration; null when it is one.</returns>
    public static string? TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var trimmed = Trim(text);
        var unitStart = trimmed.Length;
        while (unitStart > 0 && char.IsLetter(trimmed[unitStart - 1]))
            unitStart--;
        var (number, unit) = (Trim(trimmed[..unitStart]), trimmed[unitStart..]);
        if (number.Length == 0)
            return $"No number in duration value '{text}'";
        if (NanosecondsPer(unit) is not { } scale)
            return $"Could not parse time unit '{unit}' (try ns, us, ms, s, m, h, d)";
        if (IsWhole(number))
        {
            // Whole numbers are exact; only what no longer fits is cut off.
            var nanoseconds = BigInteger.Parse(number.Length <= 40 ? number : number[..40], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) * scale;
            duration = TimeSpan.FromTicks((long)BigInteger.Clamp(nanoseconds, -long.MaxValue, long.MaxValue) / TimeSpan.NanosecondsPerTick);
            return null;
        }

        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            return $"Could not parse duration number '{number}'";
        duration = TimeSpan.FromTicks((long)(Math.Clamp(value * scale, -NanosecondsMax, NanosecondsMax) / TimeSpan.NanosecondsPerTick));
        return null;
    }

    /// <summary>The shortest text that parses to the same duration.</summary>
    public static string Format(TimeSpan duration)
    {
        foreach (var (ticks, unit) in new[]
        {
            (TimeSpan.TicksPerDay, "day"), (TimeSpan.TicksPerHour, "hour"), (TimeSpan.TicksPerMinute, "minute"),
            (TimeSpan.TicksPerSecond, "second"), (TimeSpan.TicksPerMillisecond, "millisecond"), (TimeSpan.TicksPerMicrosecond, "microsecond"),
        })
        {
            if (duration.Ticks != 0 && duration.Ticks % ticks == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / ticks} {unit}{(duration.Ticks == ticks ? "" : "s")}");
        }

        return duration == TimeSpan.Zero ? "0 seconds" : string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks * TimeSpan.NanosecondsPerTick} nanoseconds");
    }

    private static bool IsWhole(string number)
    {
        var digits = number.AsSpan(number[0] is '+' or '-' ? 1 : 0);
        return digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
    }

    private static long? NanosecondsPer(string unit) => (unit.Length > 2 && !unit.EndsWith('s') ? unit + "s" : unit) switch
    {
        "ns" or "nanos" or "nanoseconds" => 1,
        "us" or "micros" or "microseconds" => 1_000,
        "" or "ms" or "millis" or "milliseconds" => 1_000_000,
        "s" or "seconds" => 1_000_000_000,
        "m" or "minutes" => 60_000_000_000,
        "h" or "hours" => 3_600_000_000_000,
        "d" or "days" => 86_400_000_000_000,
        _ => null,
    };

    private static string Trim(string text)
    {
        int start = 0, end = text.Length;
        while (start < end && (HoconText.IsBlank(text[start]) || text[start] == '\n'))
            start++;
        while (end > start && (HoconText.IsBlank(text[end - 1]) || text[end - 1] == '\n'))
            end--;
        return text[start..end];
    }
}
