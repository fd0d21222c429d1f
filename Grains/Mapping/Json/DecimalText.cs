using System.Globalization;
using System.Numerics;
using System.Text;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Json;

/// <summary>Decimal numbers of any size, kept as text in the form in which Java's <c>BigDecimal</c> prints them.</summary>
internal static class DecimalText
{
    /// <summary>Longest number that is read, in characters: nothing that a client computes is longer, and conversions take time by the square.</summary>
    public const int LengthMax = 10_000;

    /// <summary>
    /// Reads <c>[+-] digits [. digits] [e [+-] digits]</c> and keeps it in canonical form: a whole number without exponent as it is, else without
    /// trailing zeros.
    /// </summary>
    /// <param name="text">ASCII; other digits than those of ASCII were replaced.</param>
    /// <param name="scratch">Where the canonical text is kept.</param>
    /// <param name="canonical">The canonical text.</param>
    /// <param name="isInteger">Whether it has neither fraction digits nor an exponent.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, EventScratch scratch, out TextSlice canonical, out bool isInteger)
    {
        canonical = default;
        isInteger = false;
        if (text.Length is 0 or > LengthMax || !TrySplit(text, out var parts))
            return false;
        var scale = parts.Fraction.Length - parts.Exponent;
        if (scale is > int.MaxValue or < -int.MaxValue)
            return false;

        isInteger = scale == 0;
        var digits = scratch.Reserve(2 * text.Length + 32);
        var length = 0;
        parts.Whole.CopyTo(digits);
        parts.Fraction.CopyTo(digits[parts.Whole.Length..]);
        length = parts.Whole.Length + parts.Fraction.Length;
        var start = CountLeading(digits[..length], (byte)'0');
        if (start == length)
        {
            digits[0] = (byte)'0';
            canonical = scratch.Keep(1);
            return true;
        }
        if (!isInteger)
        {
            while (digits[length - 1] == '0')
            {
                length--;
                scale--;
            }
            if (scale < int.MinValue)
                return false;
        }
        var copy = length - start <= 512 ? stackalloc byte[length - start] : new byte[length - start];
        digits[start..length].CopyTo(copy);
        canonical = scratch.Keep(Print(copy, scale, parts.IsNegative, digits));
        return true;
    }

    private ref struct Parts
    {
        public bool IsNegative;
        public ReadOnlySpan<byte> Whole;
        public ReadOnlySpan<byte> Fraction;
        public long Exponent;
    }

    private static bool TrySplit(ReadOnlySpan<byte> text, out Parts parts)
    {
        parts = default;
        if (text[0] is (byte)'+' or (byte)'-')
        {
            parts.IsNegative = text[0] == '-';
            text = text[1..];
        }
        var whole = CountDigits(text);
        parts.Whole = text[..whole];
        text = text[whole..];
        if (text is [(byte)'.', ..])
        {
            var fraction = CountDigits(text[1..]);
            parts.Fraction = text.Slice(1, fraction);
            text = text[(1 + fraction)..];
        }
        if (parts.Whole.IsEmpty && parts.Fraction.IsEmpty)
            return false;
        return text.IsEmpty || TryReadExponent(text, out parts.Exponent);
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        if (text[0] is not ((byte)'e' or (byte)'E'))
            return false;
        text = text[1..];
        var isNegative = text is [(byte)'-', ..];
        if (text is [(byte)'+' or (byte)'-', ..])
            text = text[1..];
        if (text.IsEmpty || CountDigits(text) != text.Length)
            return false;
        text = text[CountLeading(text, (byte)'0')..];
        if (text.Length > 10)
            return false;
        foreach (var digit in text)
            exponent = 10 * exponent + digit - '0';
        if (exponent > (isNegative ? 1L + int.MaxValue : int.MaxValue))
            return false;
        if (isNegative)
            exponent = -exponent;
        return true;
    }

    private static int CountDigits(ReadOnlySpan<byte> text)
    {
        var count = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return count < 0 ? text.Length : count;
    }

    private static int CountLeading(ReadOnlySpan<byte> text, byte value)
    {
        var count = text.IndexOfAnyExcept(value);
        return count < 0 ? text.Length : count;
    }

    /// <summary>Plain notation unless the exponent is positive or the number smaller than 1e-6.</summary>
    private static int Print(ReadOnlySpan<byte> digits, long scale, bool isNegative, Span<byte> target)
    {
        var length = 0;
        if (isNegative)
            target[length++] = (byte)'-';
        var adjusted = digits.Length - 1 - scale;
        if (scale == 0)
            return length + Copy(digits, target[length..]);
        if (scale > 0 && adjusted >= -6)
        {
            var wholeLength = digits.Length - (int)scale;
            if (wholeLength > 0)
            {
                length += Copy(digits[..wholeLength], target[length..]);
                target[length++] = (byte)'.';
                return length + Copy(digits[wholeLength..], target[length..]);
            }
            length += Copy("0."u8, target[length..]);
            target.Slice(length, -wholeLength).Fill((byte)'0');
            length -= wholeLength;
            return length + Copy(digits, target[length..]);
        }
        target[length++] = digits[0];
        if (digits.Length > 1)
        {
            target[length++] = (byte)'.';
            length += Copy(digits[1..], target[length..]);
        }
        target[length++] = (byte)'E';
        target[length++] = adjusted < 0 ? (byte)'-' : (byte)'+';
        Math.Abs(adjusted).TryFormat(target[length..], out var written, default, CultureInfo.InvariantCulture);
        return length + written;
    }

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> target)
    {
        source.CopyTo(target);
        return source.Length;
    }

    /// <summary>Reads a signed whole number in base 36, in whatever case.</summary>
    /// <param name="text">ASCII; other digits than those of ASCII were replaced.</param>
    /// <param name="scratch">Where the decimal text is kept.</param>
    /// <param name="canonical">The number in base 10.</param>
    public static bool TryReadBase36(ReadOnlySpan<byte> text, EventScratch scratch, out TextSlice canonical)
    {
        canonical = default;
        var isNegative = text is [(byte)'-', ..];
        var digits = text is [(byte)'+' or (byte)'-', ..] ? text[1..] : text;
        if (digits.IsEmpty || digits.Length > LengthMax)
            return false;

        const int ChunkDigits = 12;
        var value = BigInteger.Zero;
        long chunk = 0, weight = 1;
        for (var index = 0; index < digits.Length; index++)
        {
            var digit = Base36Digit(digits[index]);
            if (digit < 0)
                return false;
            chunk = 36 * chunk + digit;
            weight *= 36;
            if ((index + 1) % ChunkDigits != 0)
                continue;
            value = value * weight + chunk;
            chunk = 0;
            weight = 1;
        }
        if (digits.Length < ChunkDigits)
        {
            var target = scratch.Reserve(24);
            (isNegative ? -chunk : chunk).TryFormat(target, out var written, default, CultureInfo.InvariantCulture);
            canonical = scratch.Keep(written);
            return true;
        }
        value = value * weight + chunk;
        canonical = scratch.Keep((isNegative ? -value : value).ToString(CultureInfo.InvariantCulture));
        return true;
    }

    private static int Base36Digit(byte letter) => letter switch
    {
        >= (byte)'0' and <= (byte)'9' => letter - '0',
        >= (byte)'a' and <= (byte)'z' => letter - 'a' + 10,
        >= (byte)'A' and <= (byte)'Z' => letter - 'A' + 10,
        _ => -1,
    };

    /// <summary>
    /// The text with digits of other scripts replaced by those of ASCII, as Java's number parsers read them; the text itself when it is ASCII.
    /// </summary>
    public static TextSlice WithAsciiDigits(TextSlice slice, in MappedEvent mapped)
    {
        var text = mapped.Read(slice);
        if (Ascii.IsValid(text))
            return slice;
        var target = mapped.Scratch.Reserve(text.Length);
        var length = 0;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber)
                target[length++] = (byte)('0' + (int)Rune.GetNumericValue(rune));
            else
                length += Copy(text[..consumed], target[length..]);
            text = text[consumed..];
        }
        return mapped.Scratch.Keep(length);
    }
}
