using System.Text;
using System.Text.Unicode;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Uris;

/// <summary>Percent escapes as UTF-8. Malformed sequences become U+FFFD, as many as Java's decoder makes of them.</summary>
internal static class PercentDecoding
{
    /// <summary>Decodes a text that holds only whole escapes.</summary>
    /// <param name="mapped">The event that the text belongs to.</param>
    /// <param name="slice">The text.</param>
    /// <param name="isForm">Whether <c>+</c> means a blank.</param>
    public static TextSlice Decode(in MappedEvent mapped, TextSlice slice, bool isForm)
    {
        var text = mapped.Read(slice);
        if (text.IndexOf((byte)'%') < 0 && (!isForm || text.IndexOf((byte)'+') < 0))
            return slice;
        var target = mapped.Scratch.Reserve(text.Length);
        var length = 0;
        var position = 0;
        while (position < text.Length)
        {
            if (text[position] != '%')
            {
                target[length++] = isForm && text[position] == '+' ? (byte)' ' : text[position];
                position++;
                continue;
            }
            var start = length;
            for (; position + 2 < text.Length && text[position] == '%'; position += 3)
                target[length++] = (byte)(HexadecimalDigit(text[position + 1]) << 4 | HexadecimalDigit(text[position + 2]));
            if (length == start)
                target[length++] = text[position++];
            else if (!Utf8.IsValid(target[start..length]))
                length = start + Repair(target[start..length].ToArray(), target[start..]);
        }
        return mapped.Scratch.Keep(length);
    }

    private static int HexadecimalDigit(byte letter) => letter <= '9' ? letter - '0' : (letter | 0x20) - 'a' + 10;

    /// <summary>Each replacement takes at most the three bytes that its escape took, so the target has room.</summary>
    private static int Repair(ReadOnlySpan<byte> bytes, Span<byte> target)
    {
        var length = 0;
        while (!bytes.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done;
            length += (isValid ? rune : Rune.ReplacementChar).EncodeToUtf8(target[length..]);
            bytes = bytes[(isValid ? consumed : Math.Max(consumed, SurrogateLength(bytes)))..];
        }
        return length;
    }

    /// <summary>Half a surrogate pair written as UTF-8 counts as one malformed sequence, not as three.</summary>
    private static int SurrogateLength(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [0xed, >= 0xa0 and <= 0xbf, ..])
            return 0;
        return bytes.Length > 2 && (bytes[2] & 0xc0) == 0x80 ? 3 : 2;
    }
}
