using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Divolte.Grains.Interfaces.Events;

/// <summary>Reads one frame in place, without allocating. Checked once in <see cref="Parse"/>; the properties then cannot fail.</summary>
public readonly ref struct EventFrameReader
{
    private readonly ReadOnlySpan<byte> _frame;
    private readonly SlotOffsets _offsets;

    private EventFrameReader(ReadOnlySpan<byte> frame, SlotOffsets offsets)
    {
        _frame = frame;
        _offsets = offsets;
    }

    /// <summary>Reads the frame that starts the given bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes do not hold a well-formed frame of a known format.</exception>
    public static EventFrameReader Parse(ReadOnlySpan<byte> frames)
    {
        var frame = frames[..EventFrame.LengthOf(frames)];
        var offsets = default(SlotOffsets);
        var offset = EventFrame.FixedLength;
        for (var slot = 0; slot < EventFrame.SlotCount; slot++)
        {
            offsets[slot] = offset;
            var length = LengthOf(frame, slot);
            if (length < -1 || length > frame.Length - offset)
                throw new InvalidDataException($"Slot {(FrameSlot)slot} of a frame has the impossible length {length}.");
            offset += Math.Max(length, 0);
        }
        offsets[EventFrame.SlotCount] = offset;
        if (offset + sizeof(ushort) > frame.Length)
            throw new InvalidDataException("A frame ends before its headers.");
        return new EventFrameReader(frame, offsets);
    }

    /// <summary>All bytes of the frame.</summary>
    public ReadOnlySpan<byte> Bytes => _frame;

    public FrameFlags Flags => (FrameFlags)_frame[EventFrame.FlagsOffset];

    public ParametersFormat ParametersFormat => (ParametersFormat)_frame[EventFrame.ParametersFormatOffset];

    /// <summary>When the request arrived, in milliseconds since 1970 UTC, by the frontend's clock.</summary>
    public long RequestTime => BinaryPrimitives.ReadInt64LittleEndian(_frame[EventFrame.RequestTimeOffset..]);

    /// <summary>The client's own time, in milliseconds since 1970 UTC, unchanged.</summary>
    public long ClientTime => BinaryPrimitives.ReadInt64LittleEndian(_frame[EventFrame.ClientTimeOffset..]);

    public ulong IdentityKey => EventFrame.IdentityKeyOf(_frame);

    public uint ShardHash => EventFrame.ShardHashOf(_frame);

    public bool Has(FrameSlot slot) => LengthOf(_frame, (int)slot) >= 0;

    /// <summary>The text of a slot as UTF-8; empty when absent.</summary>
    public ReadOnlySpan<byte> this[FrameSlot slot] => _frame.Slice(_offsets[(int)slot], Math.Max(LengthOf(_frame, (int)slot), 0));

    /// <summary>Where a slot starts in <see cref="Bytes"/>.</summary>
    public int OffsetOf(FrameSlot slot) => _offsets[(int)slot];

    /// <summary>A number of a browser event, or null when absent.</summary>
    public int? Number(FrameNumber number) =>
        (_frame[EventFrame.NumbersPresentOffset] & (1 << (int)number)) == 0
            ? null
            : BinaryPrimitives.ReadInt32LittleEndian(_frame[(EventFrame.NumbersOffset + (int)number * sizeof(int))..]);

    /// <summary>The request headers, in order.</summary>
    public FrameHeaders Headers => new(_frame[_offsets[EventFrame.SlotCount]..]);

    private static int LengthOf(ReadOnlySpan<byte> frame, int slot) =>
        BinaryPrimitives.ReadInt32LittleEndian(frame[(EventFrame.SlotLengthsOffset + slot * sizeof(int))..]);

    [InlineArray(EventFrame.SlotCount + 1)]
    private struct SlotOffsets
    {
        private int _first;
    }
}

/// <summary>Walks over the headers of a frame: <c>foreach (var header in frame.Headers)</c>. Stops at the first that is not whole.</summary>
public ref struct FrameHeaders
{
    private ReadOnlySpan<byte> _rest;
    private int _left;

    internal FrameHeaders(ReadOnlySpan<byte> section)
    {
        _left = BinaryPrimitives.ReadUInt16LittleEndian(section);
        _rest = section[sizeof(ushort)..];
        Current = default;
    }

    public FrameHeader Current { get; private set; }

    public readonly FrameHeaders GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_left == 0 || _rest.Length < sizeof(ushort) + sizeof(int))
            return false;
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        var valueLength = BinaryPrimitives.ReadInt32LittleEndian(_rest[sizeof(ushort)..]);
        var body = _rest[(sizeof(ushort) + sizeof(int))..];
        if (valueLength < 0 || nameLength > body.Length || valueLength > body.Length - nameLength)
            return false;
        Current = new FrameHeader(body[..nameLength], body.Slice(nameLength, valueLength));
        _rest = body[(nameLength + valueLength)..];
        _left--;
        return true;
    }
}

/// <summary>One request header as it was sent: one byte per character.</summary>
public readonly ref struct FrameHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Value { get; } = value;
}
