using System.Text;

namespace Divolte.Grains.UserAgents.Hints;

/// <summary>
/// A header and the client hints beside it as one text, by which the answer is remembered: the header, then for each hint a line feed, its name, a colon and its
/// value. A header cannot hold a line feed.
/// </summary>
internal ref struct HintedHeader
{
    /// <summary>Bytes that a header with hints has at most.</summary>
    public const int LengthMax = 3072;

    /// <summary>Longer hints are not read: real ones have about a hundred bytes.</summary>
    public const int HintLengthMax = 512;

    private readonly Span<byte> _buffer;
    private int _length;

    /// <param name="buffer">Room of <see cref="LengthMax"/> bytes.</param>
    /// <param name="header">The user agent's header; what is longer than can be looked at is left out.</param>
    public HintedHeader(Span<byte> buffer, ReadOnlySpan<byte> header)
    {
        _buffer = buffer;
        _length = Math.Min(header.Length, UserAgentParser.HeaderLengthMax);
        header[.._length].CopyTo(buffer);
    }

    /// <summary>The text.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _buffer[.._length];

    /// <summary>Adds a header of the request if it is a hint and there is room.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length < ClientHints.NamePrefix.Length || !Ascii.EqualsIgnoreCase(name[..ClientHints.NamePrefix.Length], ClientHints.NamePrefix)
            || value.Length > HintLengthMax || name.Length > HintLengthMax || _length + name.Length + value.Length + 2 > _buffer.Length)
            return;
        _buffer[_length++] = (byte)'\n';
        Append(name);
        _buffer[_length++] = (byte)':';
        Append(value);
    }

    /// <summary>Takes such a text apart.</summary>
    /// <returns>The header; the hints, or null when there are none.</returns>
    public static (string Header, ClientHints? Hints) Split(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        if (lines.Length == 1)
            return (lines[0], null);
        var hints = new ClientHints();
        foreach (var line in lines.Skip(1))
        {
            if (line.IndexOf(':') is >= 0 and var colon)
                hints.Add(line[..colon], line[(colon + 1)..]);
        }
        return (lines[0], hints);
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer[_length..]);
        _length += text.Length;
    }
}
