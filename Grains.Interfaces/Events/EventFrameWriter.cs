using System.Buffers.Binary;
using System.Text;
using Divolte.Grains.Interfaces.Formats;

namespace Divolte.Grains.Interfaces.Events;

/// <summary>
/// Writes one frame at the end of a buffer: first the facts in any order, then the slots in their order, then the headers, then <see cref="Complete"/>.
/// The buffer grows from the shared pool; the owner gives it back. The frame has the latest format; see <see cref="EventFrame.SetFormat"/>.
/// </summary>
public ref struct EventFrameWriter
{
    private readonly FrameBuffer _buffer;
    private readonly int _start;
    private int _nextSlot;
    private int _headerCount;
    private int _headersOffset;

    /// <summary>Starts a frame at the end of what the buffer holds.</summary>
    public EventFrameWriter(FrameBuffer buffer)
    {
        _buffer = buffer;
        _start = buffer.Length;
        var fixedPart = buffer.Append(EventFrame.FixedLength);
        fixedPart[..EventFrame.SlotLengthsOffset].Clear();
        fixedPart[EventFrame.SlotLengthsOffset..].Fill(0xff);
        fixedPart[0] = (byte)GridFormat.Latest;
    }

    private readonly Span<byte> Frame => _buffer.Written[_start..];

    public readonly void SetFlags(FrameFlags flags) => Frame[EventFrame.FlagsOffset] = (byte)flags;

    public readonly void SetTimes(long requestTimeMilliseconds, long clientTimeMilliseconds)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Frame[EventFrame.RequestTimeOffset..], requestTimeMilliseconds);
        BinaryPrimitives.WriteInt64LittleEndian(Frame[EventFrame.ClientTimeOffset..], clientTimeMilliseconds);
    }

    public readonly void SetIdentity(ulong identityKey, uint shardHash)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Frame[EventFrame.IdentityKeyOffset..], identityKey);
        BinaryPrimitives.WriteUInt32LittleEndian(Frame[EventFrame.ShardHashOffset..], shardHash);
    }

    public readonly void SetNumber(FrameNumber number, int value)
    {
        Frame[EventFrame.NumbersPresentOffset] |= (byte)(1 << (int)number);
        BinaryPrimitives.WriteInt32LittleEndian(Frame[(EventFrame.NumbersOffset + (int)number * sizeof(int))..], value);
    }

    public readonly void SetParametersFormat(ParametersFormat format) => Frame[EventFrame.ParametersFormatOffset] = (byte)format;

    /// <summary>Writes the text of a slot. Slots come in the order of <see cref="FrameSlot"/>; those left out are absent.</summary>
    public void WriteSlot(FrameSlot slot, scoped ReadOnlySpan<byte> utf8)
    {
        BeginSlot(slot, utf8.Length);
        utf8.CopyTo(_buffer.Append(utf8.Length));
    }

    /// <inheritdoc cref="WriteSlot(FrameSlot, ReadOnlySpan{byte})"/>
    public void WriteSlot(FrameSlot slot, scoped ReadOnlySpan<char> text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        BeginSlot(slot, length);
        Encoding.UTF8.GetBytes(text, _buffer.Append(length));
    }

    /// <summary>Writes one header; characters over U+00FF become question marks, which no HTTP parser lets through anyway.</summary>
    public void WriteHeader(scoped ReadOnlySpan<char> name, scoped ReadOnlySpan<char> value)
    {
        if (!TryBeginHeader(name.Length, value.Length, out var target))
            return;
        Encoding.Latin1.GetBytes(name, target);
        Encoding.Latin1.GetBytes(value, target[name.Length..]);
    }

    /// <summary>Writes one header of which every byte is one character.</summary>
    public void WriteHeader(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        if (!TryBeginHeader(name.Length, value.Length, out var target))
            return;
        name.CopyTo(target);
        value.CopyTo(target[name.Length..]);
    }

    /// <summary>Ends the frame and returns its length in bytes.</summary>
    public int Complete()
    {
        BeginHeaders();
        var frame = Frame;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[_headersOffset..], (ushort)_headerCount);
        BinaryPrimitives.WriteInt32LittleEndian(frame[EventFrame.LengthOffset..], frame.Length);
        return frame.Length;
    }

    private void BeginSlot(FrameSlot slot, int length)
    {
        if ((int)slot < _nextSlot || _headersOffset != 0)
            throw new InvalidOperationException($"Slot {slot} is written out of order.");
        _nextSlot = (int)slot + 1;
        BinaryPrimitives.WriteInt32LittleEndian(Frame[(EventFrame.SlotLengthsOffset + (int)slot * sizeof(int))..], length);
    }

    /// <summary>Writes the lengths of one header and gives the room for its name and value; false when the frame takes no such header.</summary>
    private bool TryBeginHeader(int nameLength, int valueLength, out Span<byte> target)
    {
        BeginHeaders();
        target = default;
        if (_headerCount == ushort.MaxValue || nameLength > ushort.MaxValue)
            return false;
        const int lengths = sizeof(ushort) + sizeof(int);
        target = _buffer.Append(lengths + nameLength + valueLength);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)nameLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[sizeof(ushort)..], valueLength);
        target = target[lengths..];
        _headerCount++;
        return true;
    }

    private void BeginHeaders()
    {
        if (_headersOffset != 0)
            return;
        _headersOffset = _buffer.Length - _start;
        _buffer.Append(sizeof(ushort));
    }
}
