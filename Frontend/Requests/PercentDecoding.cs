using System.Text;

namespace Divolte.Frontend.Requests;

/// <summary>Percent escapes to bytes, and bytes to well-formed UTF-8.</summary>
internal static class PercentDecoding
{
    private static ReadOnlySpan<byte> Replacement => [0xef, 0xbf, 0xbd];

    /// <summary>Decodes the escapes of a text in which all are well formed.</summary>
    /// <returns>How many bytes were written, never more than characters were given.</returns>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> target)
    {
        var length = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '%')
            {
                target[length++] = (byte)text[index];
                continue;
            }
            target[length++] = ByteAt(text, index);
            index += 2;
        }
        return length;
    }

    /// <summary>The byte of the escape that starts at an index.</summary>
    public static byte ByteAt(ReadOnlySpan<char> text, int index) => (byte)((HexValue(text[index + 1]) << 4) | HexValue(text[index + 2]));

    /// <summary>
    /// Replaces every malformed sequence by one U+FFFD, as Java's decoder does: like other decoders do, except that a surrogate written as three bytes
    /// is one sequence and not three. The checksum depends on it.
    /// </summary>
    /// <param name="buffer">Bytes, with room behind them for as many replacements as needed.</param>
    /// <param name="length">How many of them are text.</param>
    /// <returns>The new length.</returns>
    public static int ReplaceMalformed(Span<byte> buffer, int length)
    {
        var source = buffer[..length].ToArray().AsSpan();
        var written = 0;
        while (!source.IsEmpty)
        {
            var consumed = SurrogateLength(source);
            if (consumed == 0 && Rune.DecodeFromUtf8(source, out _, out consumed) == System.Buffers.OperationStatus.Done)
            {
                source[..consumed].CopyTo(buffer[written..]);
                written += consumed;
            }
            else
            {
                Replacement.CopyTo(buffer[written..]);
                written += Replacement.Length;
            }
            source = source[consumed..];
        }
        return written;
    }

    public static bool IsHex(char character) => char.IsAsciiHexDigit(character);

    private static int HexValue(char character) => character <= '9' ? character - '0' : (character | 0x20) - 'a' + 10;

    private static int SurrogateLength(ReadOnlySpan<byte> source)
    {
        if (source.Length < 2 || source[0] != 0xed || source[1] is < 0xa0 or > 0xbf)
            return 0;
        return source.Length > 2 && (source[2] & 0xc0) == 0x80 ? 3 : 2;
    }
}
