using System.Globalization;
using System.Numerics;

namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>
/// Whole numbers with a size unit: <c>10M</c>, <c>512 KiB</c>, <c>8 GB</c>. Upstream takes none; accepting them changes the meaning of nothing it accepts.
/// </summary>
internal static class HoconSize
{
    private const string Powers = "KMGTPEZY";

    private static readonly string[] DecimalNames = ["kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte", "exabyte", "zettabyte", "yottabyte"];
    private static readonly string[] BinaryNames = ["kibibyte", "mebibyte", "gibibyte", "tebibyte", "pebibyte", "exbibyte", "zebibyte", "yobibyte"];

    /// <summary>Parses a number with or without unit; false when the text is none. A fraction is cut off after scaling.</summary>
    public static bool TryParse(string text, out BigInteger size)
    {
        size = default;
        var trimmed = text.Trim();
        var unitStart = trimmed.Length;
        while (unitStart > 0 && char.IsAsciiLetter(trimmed[unitStart - 1]))
            unitStart--;
        if (Scale(trimmed[unitStart..]) is not { } scale || unitStart > 60)
            return false;
        var number = trimmed[..unitStart].TrimEnd();
        if (BigInteger.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            size = whole * scale;
            return true;
        }

        if (!decimal.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            return false;
        var bits = decimal.GetBits(value);
        var fraction = BigInteger.Pow(10, (bits[3] >> 16) & 0xFF);
        size = new BigInteger(value * (decimal)fraction) * scale / fraction;
        return true;
    }

    /// <summary>The size with the largest binary unit that divides it.</summary>
    public static string Format(long size)
    {
        var power = 0;
        while (power < 4 && size != 0 && size % 1024 == 0)
        {
            size /= 1024;
            power++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size}{(power == 0 ? "" : $" {Powers[power - 1]}iB")}");
    }

    private static BigInteger? Scale(string unit)
    {
        if (unit is "" or "B" or "b" or "byte" or "bytes")
            return BigInteger.One;
        for (var i = 0; i < Powers.Length; i++)
        {
            var letter = Powers[i];
            if (unit == $"{(i == 0 ? 'k' : letter)}B" || unit == DecimalNames[i] || unit == DecimalNames[i] + "s")
                return BigInteger.Pow(1000, i + 1);
            var isShort = unit.Length == 1 && (unit[0] == letter || (i < 4 && unit[0] == char.ToLowerInvariant(letter)));
            if (isShort || unit == $"{letter}i" || unit == $"{letter}iB" || unit == BinaryNames[i] || unit == BinaryNames[i] + "s")
                return BigInteger.Pow(1024, i + 1);
        }

        return null;
    }
}
