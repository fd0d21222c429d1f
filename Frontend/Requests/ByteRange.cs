using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Divolte.Frontend.Requests;

/// <summary>What a <c>Range</c> header asks for, when it asks for exactly one range of bytes.</summary>
/// <param name="First">First byte; null for the last <paramref name="Last"/> bytes.</param>
/// <param name="Last">Last byte, or how many at the end; null for up to the end.</param>
internal sealed record ByteRange(long? First, long? Last)
{
    private const string Unit = "bytes=";

    /// <summary>The range; null without a header, for several ranges, and for a text that is none: then all is sent.</summary>
    /// <param name="header">The header; the first of its name counts.</param>
    public static ByteRange? Parse(StringValues header)
    {
        if (header is not [{ } text, ..] || !text.StartsWith(Unit, StringComparison.Ordinal))
            return null;
        // Commas at the end count for nothing, any other makes it several ranges.
        var range = text.AsSpan(Unit.Length).TrimEnd(',');
        var dash = range.IndexOf('-');
        if (dash < 0)
            return null;
        var left = range[..dash];
        var right = range[(dash + 1)..];
        if (left.IsEmpty)
            return TryRead(right, out var count) && count >= 0 ? new ByteRange(null, count) : null;
        if (!TryRead(left, out var first) || first < 0)
            return null;
        if (right.IsEmpty)
            return new ByteRange(first, null);
        return TryRead(right, out var last) ? new ByteRange(first, last) : null;
    }

    /// <summary>Where the range lies.</summary>
    /// <param name="length">How many bytes there are.</param>
    /// <param name="first">The first byte to send.</param>
    /// <param name="last">The last byte to send.</param>
    /// <returns>False when nothing lies in it.</returns>
    public bool TryLocate(int length, out int first, out int last)
    {
        first = (int)Math.Min(First ?? Math.Max(length - (Last ?? 0), 0), length);
        last = (int)Math.Min(First is null ? length - 1 : Last ?? length - 1, length - 1);
        return first <= last;
    }

    private static bool TryRead(ReadOnlySpan<char> digits, out long number) =>
        long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
