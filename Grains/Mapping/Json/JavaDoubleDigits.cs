using System.Numerics;

namespace Divolte.Grains.Mapping.Json;

/// <summary>
/// The digits that <c>Double.toString</c> prints up to Java 18. They are not always the shortest: 2E23 is printed as
/// 1.9999999999999998E23. Texts in existing records depend on them.
/// </summary>
internal static class JavaDoubleDigits
{
    private const int MantissaBits = 52;

    /// <summary>Bits of the powers of five up to the largest that fits in 64 bits.</summary>
    private static readonly int[] BitsOfFives = Enumerable.Range(0, 28).Select(power => (int)BigInteger.Pow(5, power).GetBitLength()).ToArray();

    /// <summary>Writes the digits of a positive finite number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">Room for 20 digits.</param>
    /// <param name="exponent">The power of ten of the first digit.</param>
    /// <returns>How many digits there are, zeros at the end left out.</returns>
    public static int Write(double value, Span<byte> digits, out int exponent)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var fraction = bits & ((1L << MantissaBits) - 1);
        var binaryExponent = (int)(bits >> MantissaBits) & 0x7ff;
        int significantBits;
        if (binaryExponent == 0)
        {
            // A subnormal number is shifted until its highest bit is where that of the others is.
            var shift = BitOperations.LeadingZeroCount((ulong)fraction) - (63 - MantissaBits);
            fraction <<= shift;
            binaryExponent = 1 - shift;
            significantBits = MantissaBits + 1 - shift;
        }
        else
        {
            fraction |= 1L << MantissaBits;
            significantBits = MantissaBits + 1;
        }
        var count = Generate(binaryExponent - 1023, fraction, significantBits, digits, out exponent);
        while (count > 1 && digits[count - 1] == '0')
            count--;
        return count;
    }

    private static int Generate(int binaryExponent, long fraction, int significantBits, Span<byte> digits, out int exponent)
    {
        var tailZeros = BitOperations.TrailingZeroCount(fraction);
        var fractionBits = MantissaBits + 1 - tailZeros;
        var bitsBehindPoint = Math.Max(0, fractionBits - binaryExponent - 1);
        if (bitsBehindPoint == 0 && binaryExponent <= 62 && fractionBits + BitsOfFives[0] < 64)
            return WriteWhole(binaryExponent, fraction, significantBits, digits, out exponent);

        exponent = EstimateExponent(fraction, binaryExponent);
        var fivesOfValue = Math.Max(0, -exponent);
        var fivesOfScale = Math.Max(0, exponent);
        var twosOfValue = fivesOfValue + bitsBehindPoint + binaryExponent;
        var twosOfScale = fivesOfScale + bitsBehindPoint;
        var twosOfHalf = twosOfValue - significantBits;
        fraction >>= tailZeros;
        twosOfValue -= fractionBits - 1;
        var common = Math.Min(twosOfValue, twosOfScale);
        twosOfValue -= common;
        twosOfScale -= common;
        twosOfHalf -= common;
        // Below a power of two the neighbour is half as far away.
        if (fractionBits == 1)
            twosOfHalf--;
        if (twosOfHalf < 0)
        {
            twosOfValue -= twosOfHalf;
            twosOfScale -= twosOfHalf;
            twosOfHalf = 0;
        }
        // With small numbers Java compares strictly, with large ones it does not; both forms are kept.
        var valueBits = fractionBits + twosOfValue + (fivesOfValue < BitsOfFives.Length ? BitsOfFives[fivesOfValue] : fivesOfValue * 3);
        var scaleBits = twosOfScale + 1 + (fivesOfScale + 1 < BitsOfFives.Length ? BitsOfFives[fivesOfScale + 1] : (fivesOfScale + 1) * 3);
        var value = (fraction * BigInteger.Pow(5, fivesOfValue)) << twosOfValue;
        var scale = BigInteger.Pow(5, fivesOfScale) << twosOfScale;
        var half = BigInteger.Pow(5, fivesOfValue) << twosOfHalf;
        return Iterate(value, scale, half, isStrict: valueBits < 64 && scaleBits < 64, digits, ref exponent);
    }

    /// <summary>A number without fraction; digits that its precision does not carry are rounded away.</summary>
    private static int WriteWhole(int binaryExponent, long fraction, int significantBits, Span<byte> digits, out int exponent)
    {
        var whole = binaryExponent >= MantissaBits ? fraction << (binaryExponent - MantissaBits) : fraction >> (MantissaBits - binaryExponent);
        var spareBits = binaryExponent - significantBits - 1;
        // The decimal digits that so many bits are worth: bits times log10 of 2, cut.
        var spareDigits = binaryExponent > significantBits && spareBits > 1 ? spareBits * 30103 / 100000 : 0;
        if (spareDigits > 0)
        {
            var power = (long)BigInteger.Pow(10, spareDigits);
            var rest = whole % power;
            whole = whole / power + (rest >= power >> 1 ? 1 : 0);
        }
        whole.TryFormat(digits, out var count, default, System.Globalization.CultureInfo.InvariantCulture);
        exponent = count - 1 + spareDigits;
        return count;
    }

    private static int EstimateExponent(long fraction, int binaryExponent)
    {
        var mantissa = BitConverter.Int64BitsToDouble(0x3ff0000000000000 | fraction & ((1L << MantissaBits) - 1));
        return (int)Math.Floor((mantissa - 1.5) * 0.289529654 + 0.176091259 + binaryExponent * 0.301029995663981);
    }

    private static int Iterate(BigInteger value, BigInteger scale, BigInteger half, bool isStrict, Span<byte> digits, ref int exponent)
    {
        var tens = scale * 10;
        var count = 0;
        var digit = (int)BigInteger.DivRem(value, scale, out var rest);
        value = rest * 10;
        half *= 10;
        var isLow = value < half;
        var isHigh = isStrict ? value + half > tens : value + half >= tens;
        if (digit == 0 && !isHigh)
            exponent--;
        else
            digits[count++] = (byte)('0' + digit);
        // A number that is printed with an exponent has at least one digit behind the point.
        if (exponent is < -3 or >= 8)
            isLow = isHigh = false;
        while (!isLow && !isHigh)
        {
            digit = (int)BigInteger.DivRem(value, scale, out rest);
            value = rest * 10;
            half *= 10;
            isLow = value < half;
            isHigh = isStrict ? value + half > tens : value + half >= tens;
            digits[count++] = (byte)('0' + digit);
        }
        if (isHigh && (!isLow || RoundsUp(value * 2, tens, digits[count - 1])))
            RoundUp(digits[..count], ref exponent);
        return count;
    }

    private static bool RoundsUp(BigInteger twice, BigInteger tens, byte lastDigit) =>
        twice > tens || twice == tens && (lastDigit & 1) != 0;

    private static void RoundUp(Span<byte> digits, ref int exponent)
    {
        for (var index = digits.Length - 1; index >= 0; index--)
        {
            if (digits[index] != '9')
            {
                digits[index]++;
                return;
            }
            digits[index] = (byte)'0';
        }
        digits[0] = (byte)'1';
        exponent++;
    }
}
