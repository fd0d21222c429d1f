using System.Text;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

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
            value = TextOf(mapped, header.Value);
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
        // The header lies in the frame, so its offset in there is all that is needed; it is empty or overlaps.
        return mapped.Frame.Bytes.Overlaps(latin, out var offset) ? new TextSlice(null, offset, latin.Length) : TextSlice.Empty;
    }
}
