using System.Buffers;
using System.Text;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Requests;

/// <summary>
/// The head of one request without body, read strictly: whatever could be understood in two ways, or asks for something special, is not plain and left to the
/// HTTP server. Reused; what it shows is valid until the bytes it was given are gone.
/// </summary>
internal sealed class RequestHead : IRequestHeaders
{
    /// <summary>Longer heads are left to the HTTP server.</summary>
    public const int LengthMax = 32 * 1024;

    private const int HeaderCountMax = 64;
    private const int PortDigitsMax = 5;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> HostNameBytes = SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"u8);

    private readonly HeaderLine[] _lines = new HeaderLine[HeaderCountMax];
    private ReadOnlyMemory<byte> _bytes;
    private int _count;
    private int _targetLength;
    private int _forwardedFor;
    private bool _hasHost;

    private static ReadOnlySpan<byte> Method => "GET "u8;

    private static ReadOnlySpan<byte> Version => " HTTP/1.1"u8;

    /// <summary>How many bytes the head takes, with the empty line behind it.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the client has an answer already and asks for a newer one.</summary>
    public bool IsConditional { get; private set; }

    /// <summary>The request target as sent.</summary>
    public ReadOnlySpan<byte> Target => _bytes.Span.Slice(Method.Length, _targetLength);

    /// <summary>Whether there is an <c>X-Forwarded-For</c>.</summary>
    public bool HasForwardedFor => _forwardedFor >= 0;

    /// <summary>The last <c>X-Forwarded-For</c>.</summary>
    public ReadOnlySpan<byte> ForwardedFor => _lines[_forwardedFor].ValueIn(_bytes.Span);

    /// <summary>Reads the head at the beginning of the bytes.</summary>
    public HeadStatus Read(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        _count = 0;
        _forwardedFor = -1;
        _hasHost = false;
        IsConditional = false;
        var span = bytes.Span;
        var status = LineAt(span, 0, out var lineEnd);
        if (status != HeadStatus.Plain)
            return status;
        var line = span[..lineEnd];
        if (!line.StartsWith(Method) || !line.EndsWith(Version) || line.Length <= Method.Length + Version.Length || line[Method.Length] != '/')
            return HeadStatus.Special;
        _targetLength = line.Length - Method.Length - Version.Length;
        return ReadHeaders(span, lineEnd + 2);
    }

    /// <inheritdoc/>
    public void WriteTo(ref EventFrameWriter writer)
    {
        var bytes = _bytes.Span;
        foreach (ref readonly var line in _lines.AsSpan(0, _count))
            writer.WriteHeader(line.NameIn(bytes), line.ValueIn(bytes));
    }

    /// <summary>Finds the end of a line of printable ASCII; all other bytes make a head special.</summary>
    private static HeadStatus LineAt(ReadOnlySpan<byte> bytes, int start, out int end)
    {
        var length = bytes[start..].IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        end = start + length;
        if (length < 0)
            return HeadStatus.Incomplete;
        if (bytes[end] != '\r')
            return HeadStatus.Special;
        if (end + 1 == bytes.Length)
            return HeadStatus.Incomplete;
        return bytes[end + 1] == '\n' ? HeadStatus.Plain : HeadStatus.Special;
    }

    private HeadStatus ReadHeaders(ReadOnlySpan<byte> bytes, int start)
    {
        while (true)
        {
            var status = LineAt(bytes, start, out var end);
            if (status != HeadStatus.Plain)
                return status;
            if (end == start)
            {
                Length = end + 2;
                return _hasHost ? HeadStatus.Plain : HeadStatus.Special;
            }
            if (_count == HeaderCountMax || !TryAdd(bytes, start, end))
                return HeadStatus.Special;
            start = end + 2;
        }
    }

    private bool TryAdd(ReadOnlySpan<byte> bytes, int start, int end)
    {
        var line = bytes[start..end];
        var nameLength = line.IndexOf((byte)':');
        if (nameLength <= 0 || line[..nameLength].ContainsAnyExcept(NameBytes))
            return false;
        var value = line[(nameLength + 1)..];
        var trimmed = value.TrimStart((byte)' ');
        var valueStart = end - trimmed.Length;
        trimmed = trimmed.TrimEnd((byte)' ');
        _lines[_count] = new HeaderLine(start, nameLength, valueStart, trimmed.Length);
        return IsHarmless(line[..nameLength], trimmed) && ++_count > 0;
    }

    /// <summary>Whether a header changes nothing of how the request is read and answered; notes those that count here.</summary>
    private bool IsHarmless(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 4 when Ascii.EqualsIgnoreCase(name, "Host"u8):
                var isFirst = !_hasHost;
                _hasHost = true;
                return isFirst && IsHost(value);
            case 6 when Ascii.EqualsIgnoreCase(name, "Expect"u8):
            case 7 when Ascii.EqualsIgnoreCase(name, "Upgrade"u8):
            case 14 when Ascii.EqualsIgnoreCase(name, "Content-Length"u8):
            case 16 when Ascii.EqualsIgnoreCase(name, "X-Content-Length"u8):
            case 17 when Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8):
                return false;
            case 10 when Ascii.EqualsIgnoreCase(name, "Connection"u8):
                return Ascii.EqualsIgnoreCase(value, "keep-alive"u8);
            case 13 when Ascii.EqualsIgnoreCase(name, "If-None-Match"u8):
                IsConditional = true;
                return true;
            case 15 when Ascii.EqualsIgnoreCase(name, "X-Forwarded-For"u8):
                _forwardedFor = _count;
                return true;
            default:
                return true;
        }
    }

    /// <summary>A name or IPv4 address, with or without port.</summary>
    private static bool IsHost(ReadOnlySpan<byte> value)
    {
        var colon = value.IndexOf((byte)':');
        var name = colon < 0 ? value : value[..colon];
        var port = colon < 0 ? "0"u8 : value[(colon + 1)..];
        return !name.IsEmpty && !name.ContainsAnyExcept(HostNameBytes)
            && port.Length is > 0 and <= PortDigitsMax && !port.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private readonly record struct HeaderLine(int NameStart, int NameLength, int ValueStart, int ValueLength)
    {
        public ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> bytes) => bytes.Slice(NameStart, NameLength);

        public ReadOnlySpan<byte> ValueIn(ReadOnlySpan<byte> bytes) => bytes.Slice(ValueStart, ValueLength);
    }
}
