namespace Divolte.Grains.Interfaces.Identity;

/// <summary>
/// A party or session id: <c>0:TIMESTAMP:UNIQUE</c>, where the time is in milliseconds since 1970 UTC and base 36. Whatever the client wrote, events
/// carry the canonical form: the time in lower case without leading zeros. The unique part is not checked and may be empty.
/// </summary>
public readonly ref struct DivolteIdentifier
{
    private const int PrefixLength = 2;

    private DivolteIdentifier(long timestampMilliseconds, ReadOnlySpan<byte> unique)
    {
        TimestampMilliseconds = timestampMilliseconds;
        Unique = unique;
    }

    /// <summary>When the client made the id, by its own clock, in milliseconds since 1970 UTC.</summary>
    public long TimestampMilliseconds { get; }

    /// <summary>The part that makes it unique, as UTF-8; a slice of the text that was parsed.</summary>
    public ReadOnlySpan<byte> Unique { get; }

    /// <summary>The most bytes that <see cref="WriteCanonical"/> writes.</summary>
    public int CanonicalLengthMax => PrefixLength + Base36.LengthMax + 1 + Unique.Length;

    /// <summary>Reads an id. Exactly three parts between colons, the first of them <c>0</c>, the second a number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out DivolteIdentifier identifier)
    {
        identifier = default;
        if (utf8.Length < PrefixLength || utf8[0] != '0' || utf8[1] != ':')
            return false;
        var rest = utf8[PrefixLength..];
        var colon = rest.IndexOf((byte)':');
        if (colon < 0 || rest[(colon + 1)..].Contains((byte)':') || !Base36.TryParse(rest[..colon], out long timestamp))
            return false;
        identifier = new DivolteIdentifier(timestamp, rest[(colon + 1)..]);
        return true;
    }

    /// <summary>Writes the canonical form.</summary>
    /// <param name="target">At least <see cref="CanonicalLengthMax"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public int WriteCanonical(Span<byte> target)
    {
        "0:"u8.CopyTo(target);
        var length = PrefixLength + Base36.Format(TimestampMilliseconds, target[PrefixLength..]);
        target[length++] = (byte)':';
        Unique.CopyTo(target[length..]);
        return length + Unique.Length;
    }
}
