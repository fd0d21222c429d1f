using System.Globalization;
using System.Numerics;
using System.Text;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Json;

/// <summary>Scalars of a JSON tree as text and as numbers.</summary>
internal static class JsonScalar
{
    /// <summary>The text of a scalar as it prints, strings without quotes; false for arrays, objects and what is missing.</summary>
    public static bool TryGetText(in JsonNode node, EventScratch scratch, out TextSlice text)
    {
        switch (node.Kind)
        {
            case JsonKind.String or JsonKind.Integer or JsonKind.Decimal:
                text = node.Text;
                return true;
            case JsonKind.True:
                text = TrueText;
                return true;
            case JsonKind.False:
                text = FalseText;
                return true;
            case JsonKind.Null:
                text = NullText;
                return true;
            case JsonKind.Double:
                text = scratch.Keep(JavaNumber.Print(node.Double, scratch.Reserve(32)));
                return true;
            default:
                text = TextSlice.Empty;
                return false;
        }
    }

    private static readonly TextSlice TrueText = TextSlice.Of("true"u8.ToArray());
    private static readonly TextSlice FalseText = TextSlice.Of("false"u8.ToArray());
    private static readonly TextSlice NullText = TextSlice.Of("null"u8.ToArray());

    /// <summary>A number's value in double precision; infinite when it is too large.</summary>
    public static double ToDouble(in JsonNode number, in MappedEvent mapped) =>
        number.Kind == JsonKind.Double ? number.Double : JavaNumber.ToDouble(mapped.Read(number.Text));

    /// <summary>A number cut to a whole one. The range is checked before the fraction is cut.</summary>
    public static bool TryTruncate(in JsonNode number, in MappedEvent mapped, long minimum, long maximum, out long value)
    {
        if (number.Kind == JsonKind.Double)
        {
            // 2^63 itself is the smallest double above the range of long, so the comparison with the maximum needs care there.
            var isInRange = number.Double >= minimum && (maximum == long.MaxValue ? number.Double < 9223372036854775808.0 : number.Double <= maximum);
            value = isInRange ? (long)number.Double : 0;
            return isInRange;
        }
        var text = mapped.Read(number.Text);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            return value >= minimum && value <= maximum;
        return number.Kind == JsonKind.Decimal && TryTruncateDecimal(text, minimum, maximum, out value);
    }

    private static bool TryTruncateDecimal(ReadOnlySpan<byte> text, long minimum, long maximum, out long value)
    {
        value = 0;
        // Canonical: an exponent at the end, at most one point, no leading zeros before a digit.
        var marker = text.IndexOf((byte)'E');
        long exponent = 0;
        if (marker >= 0)
            exponent = long.Parse(text[(marker + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent > 20)
            return false;
        if (exponent < -20)
            return minimum <= 0 && maximum >= 0;
        var number = marker < 0 ? text : text[..marker];
        var point = number.IndexOf((byte)'.');
        var fractionLength = point < 0 ? 0 : number.Length - point - 1;
        var digits = BigInteger.Parse(Encoding.ASCII.GetString(number).Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var scale = (int)(fractionLength - exponent);
        var power = BigInteger.Pow(10, Math.Abs(scale));
        var isInRange = scale > 0 ? digits >= minimum * power && digits <= maximum * power : digits * power >= minimum && digits * power <= maximum;
        if (isInRange)
            value = (long)(scale > 0 ? BigInteger.Divide(digits, power) : digits * power);
        return isInRange;
    }

    /// <summary>A whole number written as text, by Java's rules: an optional sign, then digits of any script. False when it is none or out of range.</summary>
    public static bool TryParseInteger(ReadOnlySpan<byte> asciiDigits, long minimum, long maximum, out long value) =>
        long.TryParse(asciiDigits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum;
}
