using System.Globalization;
using System.Numerics;

namespace Divolte.Grains.Mapping.Json;

/// <summary>Numbers as text in the forms that Java reads and prints, which existing consumers of records rely on.</summary>
internal static class JavaNumber
{
    /// <summary>The double nearest to a plain decimal text; infinite when it is too large.</summary>
    public static double ToDouble(ReadOnlySpan<byte> text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>Writes a double as <c>Double.toString</c> does: plain between 0.001 and 10,000,000, else with <c>E</c>; always with a fraction.</summary>
    public static int Print(double value, Span<byte> target)
    {
        if (double.IsNaN(value))
            return Copy("NaN"u8, target);
        if (double.IsInfinity(value))
            return Copy(value > 0 ? "Infinity"u8 : "-Infinity"u8, target);
        if (value == 0)
            return Copy(double.IsNegative(value) ? "-0.0"u8 : "0.0"u8, target);

        Span<byte> digits = stackalloc byte[20];
        var digitCount = JavaDoubleDigits.Write(Math.Abs(value), digits, out var exponent);
        return Layout(digits[..digitCount], exponent, value < 0, target);
    }

    private static int Layout(ReadOnlySpan<byte> digits, int exponent, bool isNegative, Span<byte> target)
    {
        var length = 0;
        if (isNegative)
            target[length++] = (byte)'-';
        if (exponent is < -3 or >= 7)
        {
            target[length++] = digits[0];
            target[length++] = (byte)'.';
            length += Copy(digits.Length > 1 ? digits[1..] : "0"u8, target[length..]);
            target[length++] = (byte)'E';
            exponent.TryFormat(target[length..], out var written, default, CultureInfo.InvariantCulture);
            return length + written;
        }
        if (exponent < 0)
        {
            length += Copy("0."u8, target[length..]);
            target.Slice(length, -exponent - 1).Fill((byte)'0');
            length += -exponent - 1;
            return length + Copy(digits, target[length..]);
        }
        for (var index = 0; index <= exponent; index++)
            target[length++] = index < digits.Length ? digits[index] : (byte)'0';
        target[length++] = (byte)'.';
        return length + Copy(digits.Length > exponent + 1 ? digits[(exponent + 1)..] : "0"u8, target[length..]);
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        source.CopyTo(target);
        return source.Length;
    }

    /// <summary>Reads what <c>Double.parseDouble</c> takes, without trimming: decimal or hexadecimal, with a suffix, NaN, Infinity. ASCII only.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value) => TryParse(text, 53, -1022, 1023, double.TryParse, out value);

    /// <summary>Reads what <c>Float.parseFloat</c> takes, rounded once.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out float value)
    {
        var parsed = TryParse(text, 24, -126, 127, ParseFloat, out var wide);
        value = (float)wide;
        return parsed;
    }

    private delegate bool DecimalParser(ReadOnlySpan<byte> text, NumberStyles styles, IFormatProvider culture, out double value);

    private static bool ParseFloat(ReadOnlySpan<byte> text, NumberStyles styles, IFormatProvider culture, out double value)
    {
        var parsed = float.TryParse(text, styles, culture, out var narrow);
        value = narrow;
        return parsed;
    }

    private static bool TryParse(
        ReadOnlySpan<byte> text, int precision, int exponentMin, int exponentMax, DecimalParser parse, out double value)
    {
        value = 0;
        var isNegative = text is [(byte)'-', ..];
        var rest = text is [(byte)'+' or (byte)'-', ..] ? text[1..] : text;
        bool parsed;
        if (rest.SequenceEqual("NaN"u8))
        {
            // Java has one NaN, and it is positive.
            value = BitConverter.Int64BitsToDouble(0x7ff8_0000_0000_0000);
            return true;
        }
        else if (rest.SequenceEqual("Infinity"u8))
        {
            value = double.PositiveInfinity;
            parsed = true;
        }
        else if (rest is [(byte)'0', (byte)'x' or (byte)'X', ..])
        {
            parsed = TryParseHexadecimal(WithoutSuffix(rest[2..]), precision, exponentMin, exponentMax, out value);
        }
        else
        {
            var number = WithoutSuffix(rest);
            // A sign of its own or a blank inside is not for the decimal parser to accept.
            parsed = number.Length > 0 && number[0] is (byte)'.' or >= (byte)'0' and <= (byte)'9' &&
                parse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
        }
        if (isNegative)
            value = -value;
        return parsed;
    }

    private static ReadOnlySpan<byte> WithoutSuffix(ReadOnlySpan<byte> text) =>
        text is [.., (byte)'f' or (byte)'F' or (byte)'d' or (byte)'D'] ? text[..^1] : text;

    private static bool TryParseHexadecimal(ReadOnlySpan<byte> text, int precision, int exponentMin, int exponentMax, out double value)
    {
        value = 0;
        var marker = text.IndexOfAny((byte)'p', (byte)'P');
        if (marker < 0 || text.Length > DecimalText.LengthMax || !TryReadExponent(text[(marker + 1)..], out var exponent))
            return false;
        var mantissa = text[..marker];
        var point = mantissa.IndexOf((byte)'.');
        var digits = 0;
        var number = BigInteger.Zero;
        foreach (var letter in mantissa)
        {
            if (letter == '.')
                continue;
            var digit = HexadecimalDigit(letter);
            if (digit < 0)
                return false;
            number = number * 16 + digit;
            digits++;
        }
        if (digits == 0 || mantissa.Count((byte)'.') > 1)
            return false;
        exponent -= 4L * (point < 0 ? 0 : mantissa.Length - point - 1);
        value = Round(number, exponent, precision, exponentMin, exponentMax);
        return true;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        var isNegative = text is [(byte)'-', ..];
        var digits = text is [(byte)'+' or (byte)'-', ..] ? text[1..] : text;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        foreach (var digit in digits)
            exponent = Math.Min(10 * exponent + digit - '0', 1_000_000_000);
        if (isNegative)
            exponent = -exponent;
        return true;
    }

    private static int HexadecimalDigit(byte letter) => letter switch
    {
        >= (byte)'0' and <= (byte)'9' => letter - '0',
        >= (byte)'a' and <= (byte)'f' => letter - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => letter - 'A' + 10,
        _ => -1,
    };

    /// <summary>number × 2^exponent, rounded to the nearest value of the given precision, ties to even.</summary>
    private static double Round(BigInteger number, long exponent, int precision, int exponentMin, int exponentMax)
    {
        if (number.IsZero)
            return 0;
        var length = (long)number.GetBitLength();
        // Below the smallest normal number there are fewer bits to keep.
        var lowest = Math.Max(length + exponent - precision, exponentMin - precision + 1L);
        var shift = lowest - exponent;
        if (shift > 0)
        {
            if (shift > length + 1)
                return 0;
            var kept = number >> (int)shift;
            var rest = number - (kept << (int)shift);
            var half = BigInteger.One << (int)(shift - 1);
            var comparison = rest.CompareTo(half);
            if (comparison > 0 || comparison == 0 && !kept.IsEven)
                kept += 1;
            number = kept;
            exponent = lowest;
        }
        if (number.IsZero)
            return 0;
        return (long)number.GetBitLength() + exponent - 1 > exponentMax ? double.PositiveInfinity : Math.ScaleB((double)number, (int)exponent);
    }
}
