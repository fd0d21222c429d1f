using System.Buffers;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Headers;

/// <summary>
/// One <c>Cookie</c> header line. Pairs are separated by semicolons; a value in quotes runs to the closing quote, any other ends at the first
/// separator of HTTP's grammar (a slash is none); nothing is percent-decoded.
/// </summary>
internal static class CookieLine
{
    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create("\t \"(),:;<=>?@[\\]{}"u8);

    /// <summary>The first cookie of a name.</summary>
    /// <param name="line">One byte per character.</param>
    /// <param name="name">The exact name.</param>
    /// <param name="value">Its value without quotes.</param>
    /// <param name="isEscaped">Whether quotes in it are still escaped; see <see cref="Unescape"/>.</param>
    public static bool TryFind(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isEscaped)
    {
        value = default;
        isEscaped = false;
        var rest = line;
        while (true)
        {
            rest = rest.TrimStart(" \t;"u8);
            var equals = rest.IndexOfAny((byte)'=', (byte)';');
            if (equals < 0)
                return false;
            var found = rest[..equals];
            var hasValue = rest[equals] == '=';
            rest = rest[(equals + 1)..];
            if (!hasValue)
                continue;
            if (!TryTakeValue(ref rest, out value, out isEscaped))
                return false;
            if (found.SequenceEqual(name))
                return true;
        }
    }

    /// <summary>Takes a value and what is ignored behind it; false when a quote is not closed.</summary>
    private static bool TryTakeValue(scoped ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> value, out bool isEscaped)
    {
        isEscaped = false;
        if (line is [(byte)'"', ..])
            return TryTakeQuoted(ref line, out value, out isEscaped);
        var end = line.IndexOfAny(ValueEnds);
        value = end < 0 ? line : line[..end];
        var next = line.IndexOf((byte)';');
        line = next < 0 ? default : line[(next + 1)..];
        return true;
    }

    private static bool TryTakeQuoted(scoped ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> value, out bool isEscaped)
    {
        value = default;
        isEscaped = false;
        for (var position = 1; position < line.Length; position++)
        {
            if (line[position] == '"')
            {
                value = line[1..position];
                line = line[(position + 1)..];
                return true;
            }
            // An escaped quote does not close the value, unless nothing but a separator follows it.
            if (line[position] != '\\' || position + 1 >= line.Length || line[position + 1] != '"')
                continue;
            if (position + 2 == line.Length || line[position + 2] == ';')
                continue;
            position++;
            isEscaped = true;
        }
        return false;
    }

    /// <summary>Takes the backslashes in front of quotes away.</summary>
    public static TextSlice Unescape(in MappedEvent mapped, TextSlice slice)
    {
        var text = mapped.Read(slice);
        var target = mapped.Scratch.Reserve(text.Length);
        var length = 0;
        for (var position = 0; position < text.Length; position++)
        {
            if (text[position] == '\\' && position + 1 < text.Length && text[position + 1] == '"')
                position++;
            target[length++] = text[position];
        }
        return mapped.Scratch.Keep(length);
    }
}
