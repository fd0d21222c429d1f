namespace Divolte.Frontend.Json;

/// <summary>
/// ISO 8601 date and time with a mandatory offset, by the rules of Java's <c>ISO_OFFSET_DATE_TIME</c>: years of four digits, or up to ten with a sign;
/// seconds and a fraction of up to nine digits are optional; <c>Z</c> or an offset of hours, minutes and seconds within 18 hours. Only ASCII digits.
/// </summary>
internal static class IsoTimestamp
{
    private const long YearMax = 999_999_999;
    private const int OffsetSecondsMax = 18 * 3600;
    private const int DaysToEpoch = 719_468;
    private const int DaysPerEra = 146_097;

    /// <summary>Reads a time as milliseconds since 1970 UTC; what is finer is cut off. Times that do not fit in 64 bits fail.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (!TakeYear(ref text, out var year)
            || !Take(ref text, '-') || !TakeTwoDigits(ref text, 1, 12, out var month)
            || !Take(ref text, '-') || !TakeTwoDigits(ref text, 1, DaysIn(year, month), out var day)
            || !(Take(ref text, 'T') || Take(ref text, 't')) || !TakeTwoDigits(ref text, 0, 23, out var hour)
            || !Take(ref text, ':') || !TakeTwoDigits(ref text, 0, 59, out var minute))
            return false;

        var second = 0;
        var millisecond = 0;
        if (Take(ref text, ':'))
        {
            if (!TakeTwoDigits(ref text, 0, 59, out second))
                return false;
            if (Take(ref text, '.'))
                millisecond = TakeFraction(ref text);
        }
        if (!TakeOffset(ref text, out var offsetSeconds) || !text.IsEmpty)
            return false;

        var seconds = DaysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offsetSeconds;
        if (seconds is < long.MinValue / 1000 or >= long.MaxValue / 1000)
            return false;
        milliseconds = seconds * 1000 + millisecond;
        return true;
    }

    private static bool TakeYear(ref ReadOnlySpan<byte> text, out long year)
    {
        var isNegative = Take(ref text, '-');
        var isPositive = !isNegative && Take(ref text, '+');
        year = 0;
        var digits = 0;
        while (digits < text.Length && digits < 10 && text[digits] is >= (byte)'0' and <= (byte)'9')
            year = year * 10 + text[digits++] - '0';
        text = text[digits..];
        // A plus is for years of more than four digits only, and those need a sign; there is no negative zero.
        if (digits < 4 || isPositive != (digits > 4 && !isNegative) || (isNegative && year == 0) || year > YearMax)
            return false;
        if (isNegative)
            year = -year;
        return true;
    }

    private static bool TakeOffset(ref ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (Take(ref text, 'Z') || Take(ref text, 'z'))
            return true;
        var isNegative = Take(ref text, '-');
        if ((!isNegative && !Take(ref text, '+')) || !TakeTwoDigits(ref text, 0, 18, out var hours))
            return false;
        var minutes = 0;
        var rest = 0;
        if (Take(ref text, ':') && (!TakeTwoDigits(ref text, 0, 59, out minutes) || (Take(ref text, ':') && !TakeTwoDigits(ref text, 0, 59, out rest))))
            return false;
        seconds = hours * 3600 + minutes * 60 + rest;
        if (seconds > OffsetSecondsMax)
            return false;
        if (isNegative)
            seconds = -seconds;
        return true;
    }

    /// <summary>Milliseconds of a fraction of up to nine digits, none included; a tenth digit is left and fails as an offset.</summary>
    private static int TakeFraction(ref ReadOnlySpan<byte> text)
    {
        var digits = 0;
        var value = 0;
        while (digits < text.Length && digits < 9 && text[digits] is >= (byte)'0' and <= (byte)'9')
        {
            if (digits < 3)
                value = value * 10 + text[digits] - '0';
            digits++;
        }
        text = text[digits..];
        for (; digits < 3; digits++)
            value *= 10;
        return value;
    }

    private static bool TakeTwoDigits(ref ReadOnlySpan<byte> text, int least, int most, out int value)
    {
        value = 0;
        if (text.Length < 2 || text[0] is < (byte)'0' or > (byte)'9' || text[1] is < (byte)'0' or > (byte)'9')
            return false;
        value = (text[0] - '0') * 10 + text[1] - '0';
        text = text[2..];
        return value >= least && value <= most;
    }

    private static bool Take(ref ReadOnlySpan<byte> text, char expected)
    {
        if (text.IsEmpty || text[0] != expected)
            return false;
        text = text[1..];
        return true;
    }

    private static int DaysIn(long year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Days of the proleptic Gregorian calendar, counted in eras of 400 years that start on 1 March.</summary>
    private static long DaysSinceEpoch(long year, int month, int day)
    {
        if (month <= 2)
            year--;
        var era = (year >= 0 ? year : year - 399) / 400;
        var yearOfEra = year - era * 400;
        var dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        var dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * DaysPerEra + dayOfEra - DaysToEpoch;
    }
}
