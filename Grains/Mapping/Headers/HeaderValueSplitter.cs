using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Headers;

/// <summary>
/// Splits a header line into its values: at commas outside quotes, without blanks around them, without quotes; runs of blanks inside become
/// one space; empty values are dropped.
/// </summary>
internal static class HeaderValueSplitter
{
    /// <summary>Adds the values of a line.</summary>
    /// <param name="mapped">The event that the line belongs to.</param>
    /// <param name="line">One byte per character, blanks collapsed.</param>
    /// <param name="values">Where the values go.</param>
    public static void Split(in MappedEvent mapped, ReadOnlySpan<byte> line, List<TextSlice?> values)
    {
        if (line.IndexOfAny((byte)',', (byte)'"') < 0)
        {
            if (!line.IsEmpty)
                values.Add(FrameHeaderText.TextOf(mapped, line));
            return;
        }
        var text = line.Length <= 1024 ? stackalloc byte[line.Length * 2] : new byte[line.Length * 2];
        var rest = line;
        while (!rest.IsEmpty)
        {
            var length = TakeValue(ref rest, text);
            if (length > 0)
                values.Add(mapped.Scratch.KeepLatin(text[..length]));
        }
    }

    /// <summary>
    /// Takes one value and the comma behind it. Once blanks were seen inside a value, every later piece of it is set off by a space, also one that
    /// directly adjoins: an accident that existing records show.
    /// </summary>
    private static int TakeValue(ref ReadOnlySpan<byte> line, scoped Span<byte> target)
    {
        var length = 0;
        var sawBlanks = false;
        line = line.TrimStart(" \t"u8);
        while (!line.IsEmpty && line[0] != ',')
        {
            if (line[0] is (byte)' ' or (byte)'\t')
            {
                sawBlanks = true;
                line = line.TrimStart(" \t"u8);
                continue;
            }
            if (sawBlanks)
                target[length++] = (byte)' ';
            length += line[0] == '"' ? TakeQuoted(ref line, target[length..]) : TakeToken(ref line, target[length..]);
        }
        if (!line.IsEmpty)
            line = line[1..];
        return length;
    }

    private static int TakeToken(ref ReadOnlySpan<byte> line, scoped Span<byte> target)
    {
        var end = line.IndexOfAny(",\" \t"u8);
        var token = end < 0 ? line : line[..end];
        token.CopyTo(target);
        line = line[token.Length..];
        return token.Length;
    }

    private static int TakeQuoted(ref ReadOnlySpan<byte> line, scoped Span<byte> target)
    {
        var length = 0;
        var position = 1;
        for (; position < line.Length && line[position] != '"'; position++)
        {
            if (line[position] == '\\' && ++position == line.Length)
                break;
            target[length++] = line[position];
        }
        line = line[Math.Min(position + 1, line.Length)..];
        return length;
    }
}
