namespace Divolte.Grains.Mapping.Json;

/// <summary>Base64 as JSON parsers of the Java world read it: standard alphabet, padding required, blanks only between groups of four.</summary>
internal static class MimeBase64
{
    /// <summary>Decodes a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">Room for three quarters of the text.</param>
    /// <param name="length">How many bytes it became.</param>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> target, out int length)
    {
        length = 0;
        while (true)
        {
            var start = text.IndexOfAnyExceptInRange((byte)0, (byte)' ');
            if (start < 0)
                return true;
            text = text[start..];
            if (text.Length < 4 || !TryDecodeGroup(text[..4], target, ref length))
                return false;
            text = text[4..];
        }
    }

    private static bool TryDecodeGroup(ReadOnlySpan<byte> group, Span<byte> target, ref int length)
    {
        int first = ValueOf(group[0]), second = ValueOf(group[1]), third = ValueOf(group[2]), fourth = ValueOf(group[3]);
        if (first < 0 || second < 0 || third < 0 && (group[2] != '=' || group[3] != '=') || fourth < 0 && group[3] != '=')
            return false;
        target[length++] = (byte)(first << 2 | second >> 4);
        if (third < 0)
            return true;
        target[length++] = (byte)(second << 4 | third >> 2);
        if (fourth < 0)
            return true;
        target[length++] = (byte)(third << 6 | fourth);
        return true;
    }

    private static int ValueOf(byte letter) => letter switch
    {
        >= (byte)'A' and <= (byte)'Z' => letter - 'A',
        >= (byte)'a' and <= (byte)'z' => letter - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => letter - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };
}
