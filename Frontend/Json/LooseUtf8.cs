using System.Buffers;
using System.Text;

namespace Divolte.Frontend.Json;

/// <summary>
/// Upstream's JSON reader looks only at the lengths of UTF-8 sequences: surrogates written as three bytes each are taken, a pair as one character, and so are
/// sequences that are longer than needed. What such text means there is written here as proper UTF-8. A surrogate that stands alone ends as a question
/// mark; bytes that are no sequence at all stay, and are refused by whoever reads them.
/// </summary>
internal static class LooseUtf8
{
    /// <summary>The most that a sequence grows: two bytes for an ASCII character become an escape of six.</summary>
    private const int Growth = 3;

    /// <summary>Mends a text that is not proper UTF-8.</summary>
    /// <param name="text">JSON.</param>
    /// <param name="rented">The buffer of the result, to be given back to the shared pool.</param>
    public static ReadOnlySpan<byte> Mend(ReadOnlySpan<byte> text, out byte[] rented)
    {
        rented = ArrayPool<byte>.Shared.Rent(Growth * text.Length);
        var length = 0;
        var pending = '\0'; // a high surrogate that waits for its other half
        while (!text.IsEmpty)
        {
            var taken = Take(text, out var value);
            if (taken == 0)
            {
                length += Settle(ref pending, rented.AsSpan(length));
                rented[length++] = text[0];
                text = text[1..];
                continue;
            }
            text = text[taken..];
            if (taken < 4)
            {
                length += Append((char)value, ref pending, rented.AsSpan(length));
                continue;
            }
            // Two halves, computed without a look at the range, as there.
            var above = value - 0x10000;
            length += Append((char)(0xd800 | (above >> 10)), ref pending, rented.AsSpan(length));
            length += Append((char)(0xdc00 | (above & 0x3ff)), ref pending, rented.AsSpan(length));
        }
        length += Settle(ref pending, rented.AsSpan(length));
        return rented.AsSpan(0, length);
    }

    /// <summary>Takes one sequence of two to four bytes.</summary>
    /// <returns>How many bytes it has; 0 for ASCII and for what is no sequence.</returns>
    private static int Take(ReadOnlySpan<byte> text, out int value)
    {
        (var length, value) = text[0] switch
        {
            >= 0xc0 and < 0xe0 => (2, text[0] & 0x1f),
            >= 0xe0 and < 0xf0 => (3, text[0] & 0x0f),
            >= 0xf0 and < 0xf8 => (4, text[0] & 0x07),
            _ => (0, 0),
        };
        if (length > text.Length)
            return 0;
        for (var index = 1; index < length; index++)
        {
            if ((text[index] & 0xc0) != 0x80)
                return 0;
            value = (value << 6) | (text[index] & 0x3f);
        }
        return length;
    }

    private static int Append(char unit, ref char pending, Span<byte> target)
    {
        if (char.IsLowSurrogate(unit) && pending != '\0')
        {
            var pair = new Rune(pending, unit);
            pending = '\0';
            return pair.EncodeToUtf8(target);
        }
        var length = Settle(ref pending, target);
        if (char.IsHighSurrogate(unit))
            pending = unit;
        else if (char.IsLowSurrogate(unit))
            target[length++] = (byte)'?';
        else if (char.IsAscii(unit))
            length += Escape(unit, target[length..]);
        else
            length += new Rune(unit).EncodeToUtf8(target[length..]);
        return length;
    }

    private static int Settle(ref char pending, Span<byte> target)
    {
        if (pending == '\0')
            return 0;
        pending = '\0';
        target[0] = (byte)'?';
        return 1;
    }

    /// <summary>A quote or a line end in disguise is content, not syntax.</summary>
    private static int Escape(char unit, Span<byte> target)
    {
        "\\u00"u8.CopyTo(target);
        ((byte)unit).TryFormat(target[4..], out _, "x2");
        return 6;
    }
}
