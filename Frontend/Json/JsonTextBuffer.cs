using System.Globalization;
using System.Text;

namespace Divolte.Frontend.Json;

/// <summary>Texts of one JSON document, unescaped, one after another in a reused buffer.</summary>
internal sealed class JsonTextBuffer
{
    private const int InitialBytes = 1024;
    private const int RetainedBytesMax = 64 * 1024;

    private byte[] _bytes = new byte[InitialBytes];
    private int _length;

    public ReadOnlySpan<byte> this[Range range] => _bytes.AsSpan(range);

    public void Clear()
    {
        if (_bytes.Length > RetainedBytesMax)
            _bytes = new byte[InitialBytes];
        _length = 0;
    }

    /// <summary>Adds a text as it stands in the document, whose escapes were checked by the reader.</summary>
    /// <returns>Where it is now.</returns>
    public Range Append(ReadOnlySpan<byte> text, bool isEscaped)
    {
        // No escape is longer than what it stands for: six bytes become three at most.
        if (_bytes.Length - _length < text.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + text.Length));
        var start = _length;
        if (isEscaped)
        {
            _length += Unescape(text, _bytes.AsSpan(start));
        }
        else
        {
            text.CopyTo(_bytes.AsSpan(start));
            _length += text.Length;
        }
        return start.._length;
    }

    private static int Unescape(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var length = 0;
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '\\')
            {
                target[length++] = text[index];
                continue;
            }
            index++;
            if (text[index] == 'u')
            {
                var unit = UnitAt(text, index + 1);
                index += 4;
                var next = char.IsHighSurrogate(unit) && text[(index + 1)..].StartsWith("\\u"u8) ? UnitAt(text, index + 3) : '\0';
                if (char.IsLowSurrogate(next))
                    index += 6;
                length += Encode(unit, next, target[length..]);
                continue;
            }
            target[length++] = text[index] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                var itself => itself,
            };
        }
        return length;
    }

    /// <summary>A surrogate without its other half becomes a question mark, as it does when Java writes it.</summary>
    private static int Encode(char unit, char next, Span<byte> target)
    {
        if (Rune.TryCreate(unit, next, out var rune) || Rune.TryCreate(unit, out rune))
            return rune.EncodeToUtf8(target);
        target[0] = (byte)'?';
        return 1;
    }

    private static char UnitAt(ReadOnlySpan<byte> text, int index) =>
        (char)ushort.Parse(text.Slice(index, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
