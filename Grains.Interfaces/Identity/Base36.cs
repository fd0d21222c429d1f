using System.Globalization;
using System.Text;

namespace Divolte.Grains.Interfaces.Identity;

/// <summary>
/// Signed numbers in base 36, as the tag writes them: an optional sign, then digits <c>0-9a-z</c> in either case. Like upstream's parser it also
/// takes the decimal digits of other scripts and full-width letters. Empty text, blanks and values out of range are no numbers.
/// </summary>
public static class Base36
{
    /// <summary>The most bytes that <see cref="Format"/> writes.</summary>
    public const int LengthMax = 14;

    private const int Radix = 36;

    /// <summary>Reads a number of 64 bits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long value)
    {
        value = 0;
        var isNegative = !utf8.IsEmpty && utf8[0] == '-';
        if (isNegative || (!utf8.IsEmpty && utf8[0] == '+'))
            utf8 = utf8[1..];
        if (utf8.IsEmpty)
            return false;

        // Counts down from zero, because the smallest number has no positive twin.
        var limit = isNegative ? long.MinValue : -long.MaxValue;
        var result = 0L;
        while (!utf8.IsEmpty)
        {
            var digit = TakeDigit(ref utf8);
            if (digit < 0 || result < long.MinValue / Radix)
                return false;
            result *= Radix;
            if (result < limit + digit)
                return false;
            result -= digit;
        }
        value = isNegative ? result : -result;
        return true;
    }

    /// <summary>Reads a number of 32 bits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out int value)
    {
        var isInRange = TryParse(utf8, out long wide) && wide is >= int.MinValue and <= int.MaxValue;
        value = isInRange ? (int)wide : 0;
        return isInRange;
    }

    /// <summary>Writes a number in lower case, with a minus in front when negative.</summary>
    /// <returns>How many bytes were written, at most <see cref="LengthMax"/>.</returns>
    public static int Format(long value, Span<byte> target)
    {
        Span<byte> reversed = stackalloc byte[LengthMax];
        var length = 0;
        var rest = value;
        do
        {
            var digit = (int)Math.Abs(rest % Radix);
            reversed[length++] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
            rest /= Radix;
        }
        while (rest != 0);
        if (value < 0)
            reversed[length++] = (byte)'-';
        reversed = reversed[..length];
        reversed.Reverse();
        reversed.CopyTo(target);
        return length;
    }

    private static int TakeDigit(ref ReadOnlySpan<byte> utf8)
    {
        var first = utf8[0];
        if (first >= 0x80)
            return TakeOtherDigit(ref utf8);
        utf8 = utf8[1..];
        return first switch
        {
            >= (byte)'0' and <= (byte)'9' => first - '0',
            >= (byte)'a' and <= (byte)'z' => first - 'a' + 10,
            >= (byte)'A' and <= (byte)'Z' => first - 'A' + 10,
            _ => -1,
        };
    }

    private static int TakeOtherDigit(ref ReadOnlySpan<byte> utf8)
    {
        Rune.DecodeFromUtf8(utf8, out var rune, out var length);
        utf8 = utf8[length..];
        if (!rune.IsBmp)
            return -1;
        var character = (char)rune.Value;
        return character switch
        {
            >= '\uff21' and <= '\uff3a' => character - '\uff21' + 10,
            >= '\uff41' and <= '\uff5a' => character - '\uff41' + 10,
            _ => CharUnicodeInfo.GetDecimalDigitValue(character),
        };
    }
}
