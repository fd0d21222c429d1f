using System.Buffers.Binary;
using Divolte.Grains.Interfaces.Formats;

namespace Divolte.Grains.Interfaces.Events;

/// <summary>
/// The binary form of one accepted request before mapping: everything that a mapping could ever ask for, as UTF-8.
/// Frames are what frontends send, what the journal stores and what mappings read. The layout is the same in all formats so far.
/// </summary>
/// <remarks>
/// Little-endian. A fixed part of <see cref="FixedLength"/> bytes, then the present slots in the order of <see cref="FrameSlot"/>,
/// then a 16-bit count of headers and for each a 16-bit name length, a 32-bit value length, the name and the value (as sent: one byte per character).
/// <code>
///  0 format    1 flags   2 parameters format   3 presence bits of the five numbers   4 length of the frame (32)
///  8 request time (64)  16 client time (64)   24 identity key (64)   32 shard hash (32)   36 five numbers (32 each)
/// 56 length of each slot (32 each), -1 when absent
/// </code>
/// </remarks>
public static class EventFrame
{
    /// <summary>Length of the fixed part in bytes.</summary>
    public const int FixedLength = SlotLengthsOffset + SlotCount * sizeof(int);

    /// <summary>Longest frame that is accepted, in bytes: headers and target may take 1 MiB each on the wire.</summary>
    public const int LengthMax = 4 << 20;

    internal const int FlagsOffset = 1;
    internal const int ParametersFormatOffset = 2;
    internal const int NumbersPresentOffset = 3;
    internal const int LengthOffset = 4;
    internal const int RequestTimeOffset = 8;
    internal const int ClientTimeOffset = 16;
    internal const int IdentityKeyOffset = 24;
    internal const int ShardHashOffset = 32;
    internal const int NumbersOffset = 36;
    internal const int NumberCount = 5;
    internal const int SlotLengthsOffset = NumbersOffset + NumberCount * sizeof(int);
    internal const int SlotCount = 11;

    /// <summary>Length of the frame that starts the given bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes do not start with a complete frame of a known format.</exception>
    public static int LengthOf(ReadOnlySpan<byte> frames)
    {
        if (frames.Length < FixedLength)
            throw new InvalidDataException($"A frame has at least {FixedLength} bytes, found {frames.Length}.");
        if (!GridFormat.Reads(frames[0]))
            throw new InvalidDataException($"Frame format {frames[0]} is unknown; this release reads formats {GridFormat.Oldest} to {GridFormat.Latest}.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(frames[LengthOffset..]);
        if (length < FixedLength || length > frames.Length)
            throw new InvalidDataException($"A frame of {length} bytes does not fit in {frames.Length}.");
        return length;
    }

    /// <summary>Gives a frame the format of the cluster that it goes to.</summary>
    public static void SetFormat(Span<byte> frame, int format) => frame[0] = checked((byte)format);

    /// <summary>Identity of the event, hashed: see <see cref="Identity.EventKey"/>.</summary>
    public static ulong IdentityKeyOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt64LittleEndian(frame[IdentityKeyOffset..]);

    /// <summary>Hash that chooses the shard: see <see cref="Identity.ShardMap"/>.</summary>
    public static uint ShardHashOf(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32LittleEndian(frame[ShardHashOffset..]);

    /// <summary>Sets or clears the flag of a repeated event. The shard does so just before it appends the frame; an earlier try may have left the other value.</summary>
    public static void MarkDuplicate(Span<byte> frame, bool isDuplicate = true)
    {
        if (isDuplicate)
            frame[FlagsOffset] |= (byte)FrameFlags.Duplicate;
        else
            frame[FlagsOffset] &= unchecked((byte)~FrameFlags.Duplicate);
    }

    /// <summary>A copy of a frame with another name of its source: the first slot, so that everything behind it stays as it is.</summary>
    /// <exception cref="InvalidDataException">The bytes do not start with a complete frame of a known format.</exception>
    public static byte[] WithSource(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> source)
    {
        frame = frame[..LengthOf(frame)];
        var rest = frame[(FixedLength + Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(frame[SlotLengthsOffset..])))..];
        var copy = new byte[FixedLength + source.Length + rest.Length];
        frame[..FixedLength].CopyTo(copy);
        BinaryPrimitives.WriteInt32LittleEndian(copy.AsSpan(LengthOffset), copy.Length);
        BinaryPrimitives.WriteInt32LittleEndian(copy.AsSpan(SlotLengthsOffset), source.Length);
        source.CopyTo(copy.AsSpan(FixedLength));
        rest.CopyTo(copy.AsSpan(FixedLength + source.Length));
        return copy;
    }

    /// <summary>Whether the frame carries the flag of a repeated event: one without it is a first sight.</summary>
    public static bool IsDuplicate(ReadOnlySpan<byte> frame) => (frame[FlagsOffset] & (byte)FrameFlags.Duplicate) != 0;
}

/// <summary>Facts about an event that are either so or not.</summary>
[Flags]
public enum FrameFlags : byte
{
    None = 0,

    /// <summary>The checksum of a browser event is missing or wrong.</summary>
    Corrupt = 1,

    /// <summary>The same party, session and event id were seen before, within the duplicate window.</summary>
    Duplicate = 2,

    /// <summary>The client says that it made the party id for this event.</summary>
    NewParty = 4,

    /// <summary>The client says that it made the session id for this event.</summary>
    FirstInSession = 8,

    /// <summary>The event came through a JSON source; otherwise through a browser source.</summary>
    Json = 16,
}

/// <summary>How the slot <see cref="FrameSlot.Parameters"/> is written.</summary>
public enum ParametersFormat : byte
{
    /// <summary>There are none.</summary>
    Absent = 0,

    /// <summary>Mincode, as the tag sends it in <c>u</c>, after URL decoding; not checked yet.</summary>
    Mincode = 1,

    /// <summary>JSON text, checked.</summary>
    Json = 2,
}

/// <summary>The texts of a frame, in the order in which they are stored.</summary>
public enum FrameSlot
{
    /// <summary>Name of the source in the configuration.</summary>
    Source = 0,

    /// <summary>Canonical party id; always present.</summary>
    PartyId = 1,

    /// <summary>Canonical session id; always present.</summary>
    SessionId = 2,

    /// <summary>Event id as the client sent it; always present, may be empty.</summary>
    EventId = 3,

    /// <summary>Page view id; browser events only.</summary>
    PageViewId = 4,

    /// <summary>Event type.</summary>
    EventType = 5,

    /// <summary>Location of the page; browser events only.</summary>
    Location = 6,

    /// <summary>Referrer of the page; browser events only.</summary>
    Referer = 7,

    /// <summary>Event parameters, see <see cref="ParametersFormat"/>.</summary>
    Parameters = 8,

    /// <summary>Address of the client as text.</summary>
    RemoteHost = 9,

    /// <summary>What the query string held beyond the other slots, still URL-encoded, pieces joined by <c>&amp;</c>.</summary>
    OtherQuery = 10,
}

/// <summary>The numbers of a browser event; each may be absent.</summary>
public enum FrameNumber
{
    ScreenPixelWidth = 0,
    ScreenPixelHeight = 1,
    DevicePixelRatio = 2,
    ViewportPixelWidth = 3,
    ViewportPixelHeight = 4,
}
