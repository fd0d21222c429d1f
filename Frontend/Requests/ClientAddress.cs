using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Divolte.Frontend.Requests;

/// <summary>
/// Who sent a request, as text: the TCP peer, or with <c>use_x_forwarded_for</c> the last item of the last <c>X-Forwarded-For</c>, which the proxy next
/// to us has written. IPv6 is written in full, eight groups without leading zeros, as upstream's runtime does. Names are not looked up.
/// </summary>
internal static class ClientAddress
{
    /// <summary>The most bytes that <see cref="Write(HttpContext, bool, Span{byte}, out bool)"/> writes: eight groups, seven colons and a scope.</summary>
    public const int LengthMax = 64;

    /// <summary>Longer texts are no IPv4 address in Java, whatever zeros they begin with.</summary>
    private const int NumbersLengthMax = 15;

    /// <summary>Writes the address of a request's sender.</summary>
    /// <param name="context">The request.</param>
    /// <param name="useForwardedFor">Whether the header counts.</param>
    /// <param name="target">At least <see cref="LengthMax"/> bytes.</param>
    /// <param name="isHeaderIgnored">Whether the header should have counted but holds no address. Counted, not logged: it may come with every request.</param>
    /// <returns>How many bytes were written; zero when the peer has no IP address.</returns>
    public static int Write(HttpContext context, bool useForwardedFor, Span<byte> target, out bool isHeaderIgnored)
    {
        var peer = context.Connection.RemoteIpAddress;
        isHeaderIgnored = false;
        return useForwardedFor && context.Request.Headers["X-Forwarded-For"] is { Count: > 0 } values
            ? WriteForwarded(values[^1], peer, target, out isHeaderIgnored)
            : Write(peer, target);
    }

    /// <summary>Writes the address in a last <c>X-Forwarded-For</c>, or the peer's when it holds none.</summary>
    public static int WriteForwarded(ReadOnlySpan<char> header, IPAddress? peer, Span<byte> target, out bool isHeaderIgnored)
    {
        var forwarded = ForwardedAddress(header);
        isHeaderIgnored = forwarded is null;
        return Write(forwarded ?? peer, target);
    }

    private static int Write(IPAddress? address, Span<byte> target) => address is null ? 0 : Format(address, target);

    /// <summary>The text form of an address.</summary>
    public static int Format(IPAddress address, Span<byte> target)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryFormat(target, out var length);
            return length;
        }
        return FormatGroups(address, target);
    }

    private static int FormatGroups(IPAddress address, Span<byte> target)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var length = 0;
        for (var group = 0; group < 8; group++)
        {
            if (group > 0)
                target[length++] = (byte)':';
            var value = (bytes[2 * group] << 8) | bytes[2 * group + 1];
            value.TryFormat(target[length..], out var written, "x");
            length += written;
        }
        if (address.ScopeId != 0)
        {
            target[length++] = (byte)'%';
            address.ScopeId.TryFormat(target[length..], out var written);
            length += written;
        }
        return length;
    }

    private static IPAddress? ForwardedAddress(ReadOnlySpan<char> header) => Parse(header[(header.LastIndexOf(',') + 1)..].Trim());

    /// <summary>An address literal: IPv6 with or without brackets, or one to four decimal numbers of which the last fills what is left.</summary>
    internal static IPAddress? Parse(ReadOnlySpan<char> text) => text.Contains(':') ? ParseGroups(text) : ParseNumbers(text);

    private static IPAddress? ParseGroups(ReadOnlySpan<char> text)
    {
        if (text[0] == '[' && text[^1] == ']')
            text = text[1..^1];
        var percent = text.IndexOf('%');
        var groups = percent < 0 ? text : text[..percent];
        // The name of an interface of another machine says nothing here; only numbers do.
        if (percent >= 0 && (percent == text.Length - 1 || text[(percent + 1)..].ContainsAnyExceptInRange('0', '9')))
            return null;
        if (groups.ContainsAny('[', ']', '/'))
            return null;
        return TryParse(text) ?? (Shortened(groups) is { } literal ? TryParse(literal + text[groups.Length..].ToString()) : null);
    }

    private static IPAddress? TryParse(ReadOnlySpan<char> text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? address : null;

    /// <summary>Groups of at most four digits: more zeros in front are taken, as Java takes them, and so are decimal numbers at the end.</summary>
    private static string? Shortened(ReadOnlySpan<char> groups)
    {
        var last = groups[(groups.LastIndexOf(':') + 1)..];
        var end = "";
        if (last.Contains('.'))
        {
            if (last.Count('.') != 3 || ParseNumbers(last) is not { } numbers)
                return null;
            var bytes = numbers.GetAddressBytes();
            end = $"{bytes[0]:x2}{bytes[1]:x2}:{bytes[2]:x2}{bytes[3]:x2}";
            groups = groups[..^last.Length];
        }
        var parts = groups.ToString().Split(':');
        for (var index = 0; index < parts.Length; index++)
        {
            if (parts[index].Length > 4)
                parts[index] = parts[index].TrimStart('0').PadLeft(1, '0');
        }
        return string.Join(':', parts) + end;
    }

    private static IPAddress? ParseNumbers(ReadOnlySpan<char> text)
    {
        if (text.Length > NumbersLengthMax)
            return null;
        var bytes = 0u;
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            var isLast = range.End.Value == text.Length;
            var bitsLeft = 32 - 8 * parts;
            if (++parts > 4 || part.IsEmpty || part.ContainsAnyExceptInRange('0', '9'))
                return null;
            var value = ulong.Parse(part, System.Globalization.CultureInfo.InvariantCulture);
            if (value >= (isLast ? 1UL << bitsLeft : 256))
                return null;
            bytes |= (uint)value << (isLast ? 0 : bitsLeft - 8);
        }
        return new IPAddress([(byte)(bytes >> 24), (byte)(bytes >> 16), (byte)(bytes >> 8), (byte)bytes]);
    }
}
