using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Divolte.Frontend.Json;

/// <summary>
/// The encodings in which JSON may arrive: UTF-8, or UTF-16 and UTF-32 in either byte order, told by a mark or by the zeros in the first bytes.
/// </summary>
internal static class JsonEncoding
{
    private static readonly Encoding Utf32BigEndian = new UTF32Encoding(bigEndian: true, byteOrderMark: false);

    /// <summary>The text as UTF-8 without a mark: a slice of the body, or of a buffer that the caller gives back to the shared pool.</summary>
    public static ReadOnlySpan<byte> ToUtf8(ReadOnlySpan<byte> body, out byte[]? rented)
    {
        rented = null;
        var encoding = Detect(body, out var markLength);
        var text = body[markLength..];
        if (encoding is null)
            return Utf8.IsValid(text) ? text : LooseUtf8.Mend(text, out rented);

        var characters = encoding.GetString(text);
        rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(characters.Length));
        return rented.AsSpan(0, Encoding.UTF8.GetBytes(characters, rented));
    }

    public static bool IsWellFormed(ReadOnlySpan<byte> utf8) => Utf8.IsValid(utf8);

    private static Encoding? Detect(ReadOnlySpan<byte> body, out int markLength)
    {
        (Encoding? encoding, markLength) = body switch
        {
            [0x00, 0x00, 0xfe, 0xff, ..] => (Utf32BigEndian, 4),
            [0xff, 0xfe, 0x00, 0x00, ..] => (Encoding.UTF32, 4),
            [0xfe, 0xff, ..] => (Encoding.BigEndianUnicode, 2),
            [0xff, 0xfe, ..] => (Encoding.Unicode, 2),
            [0xef, 0xbb, 0xbf, ..] => (null, 3),
            [0x00, 0x00, 0x00, _, ..] => (Utf32BigEndian, 0),
            [_, 0x00, 0x00, 0x00, ..] => (Encoding.UTF32, 0),
            [0x00, _, _, _, ..] => (Encoding.BigEndianUnicode, 0),
            [_, 0x00, _, _, ..] => (Encoding.Unicode, 0),
            _ => ((Encoding?)null, 0),
        };
        return encoding;
    }
}
