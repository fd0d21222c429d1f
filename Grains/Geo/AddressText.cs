using System.Globalization;

namespace Divolte.Grains.Geo;

/// <summary>
/// Reads addresses as the collector did: four decimal parts without leading zeros, or IPv6 without scope and brackets. .NET's own parser takes more.
/// </summary>
internal static class AddressText
{
    /// <summary>Longest address in text, that of an IPv6 address with an IPv4 one at its end.</summary>
    private const int LengthMax = 45;

    private const int Groups = 8;

    /// <summary>Reads an address.</summary>
    /// <param name="text">ASCII; anything else is no address.</param>
    /// <param name="address">Room for 16 bytes.</param>
    /// <returns>How many bytes the address has: 4, also for an IPv4 address in IPv6 clothes (<c>::ffff:1.2.3.4</c>), 16, or 0 when the text is no address.</returns>
    public static int Read(ReadOnlySpan<byte> text, Span<byte> address)
    {
        if (text.Length > LengthMax)
            return 0;
        if (!text.Contains((byte)':'))
            return IsQuad(text, address) ? 4 : 0;
        if (!IsIpv6(text, address))
            return 0;
        if (address[..10].ContainsAnyExcept((byte)0) || address[10] != 0xFF || address[11] != 0xFF)
            return 16;
        address.Slice(12, 4).CopyTo(address);
        return 4;
    }

    private static bool IsQuad(ReadOnlySpan<byte> text, Span<byte> address)
    {
        var parts = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (parts == 4 || part.Length is 0 or > 3 || part.Length > 1 && part[0] == '0' ||
                !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out address[parts]))
            {
                return false;
            }
            parts++;
        }
        return parts == 4;
    }

    private static bool IsIpv6(ReadOnlySpan<byte> text, Span<byte> address)
    {
        address[..16].Clear();
        var count = 0;
        var gap = -1;
        var index = 0;
        if (text.StartsWith("::"u8))
            (gap, index) = (0, 2);
        while (index < text.Length)
        {
            if (count == Groups)
                return false;
            var start = index;
            var group = 0;
            while (index < text.Length && char.IsAsciiHexDigit((char)text[index]))
                group = Math.Min(0x10000, (group << 4) + HexDigit(text[index++]));
            if (index == start)
                return false;
            if (index < text.Length && text[index] == '.')
            {
                if (count > Groups - 2 || !IsQuad(text[start..], address.Slice(count * 2, 4)))
                    return false;
                count += 2;
                break;
            }
            if (group > 0xFFFF)
                return false;
            address[count * 2] = (byte)(group >> 8);
            address[count++ * 2 + 1] = (byte)group;
            if (index == text.Length)
                break;
            if (text[index++] != ':' || index == text.Length)
                return false;
            if (text[index] != ':')
                continue;
            if (gap >= 0)
                return false;
            gap = count;
            index++;
        }
        return gap < 0 ? count == Groups : count < Groups && Spread(address, count, gap);
    }

    private static int HexDigit(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>Moves the groups behind the gap to the end.</summary>
    private static bool Spread(Span<byte> address, int count, int gap)
    {
        var behind = (count - gap) * 2;
        Span<byte> tail = stackalloc byte[16];
        address.Slice(gap * 2, behind).CopyTo(tail);
        address[(gap * 2)..16].Clear();
        tail[..behind].CopyTo(address[(16 - behind)..16]);
        return true;
    }
}
