using System.Text;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Headers;

/// <summary>Header lines of a frame as text.</summary>
internal static class FrameHeaderText
{
    /// <summary>The value of the first header with a name, in whatever case.</summary>
    public static bool TryFindFirst(in MappedEvent mapped, ReadOnlySpan<byte> name, out TextSlice value)
    {
        foreach (var header in mapped.Frame.Headers)
        {
            if (!Ascii.EqualsIgnoreCase(header.Name, name))
                continue;
            value = TextOf(mapped, Collapse(mapped, header.Value));
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>A part of the frame that holds one byte per character: as it is when all are ASCII, else as UTF-8.</summary>
    public static TextSlice TextOf(in MappedEvent mapped, ReadOnlySpan<byte> latin)
    {
        if (!Ascii.IsValid(latin))
            return mapped.Scratch.KeepLatin(latin);
        // A header that lies in the frame needs only its offset there.
        return mapped.Frame.Bytes.Overlaps(latin, out var offset) ? new TextSlice(null, offset, latin.Length) : mapped.Scratch.KeepCopy(latin);
    }

    /// <summary>A header value with every run of blanks as one space and none around it, which is how upstream's HTTP server hands values on.</summary>
    public static ReadOnlySpan<byte> Collapse(in MappedEvent mapped, ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t"u8);
        if (value.IndexOf("  "u8) < 0 && value.IndexOf((byte)'\t') < 0)
            return value;
        var target = mapped.Scratch.Reserve(value.Length);
        var length = 0;
        foreach (var letter in value)
        {
            var isBlank = letter is (byte)' ' or (byte)'\t';
            if (!isBlank || target[length - 1] != ' ')
                target[length++] = isBlank ? (byte)' ' : letter;
        }
        return mapped.Read(mapped.Scratch.Keep(length));
    }
}
