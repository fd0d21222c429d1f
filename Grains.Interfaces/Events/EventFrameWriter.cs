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
        BeginHeaders();
        if (_headerCount == ushort.MaxValue || name.Length > ushort.MaxValue)
            return;
        var target = _buffer.Append(sizeof(ushort) + sizeof(int) + name.Length + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)name.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[sizeof(ushort)..], value.Length);
        Encoding.Latin1.GetBytes(name, target[(sizeof(ushort) + sizeof(int))..]);
        Encoding.Latin1.GetBytes(value, target[(sizeof(ushort) + sizeof(int) + name.Length)..]);
        _headerCount++;
    }

    /// <summary>Writes one header of which every byte is one character.</summary>
    public void WriteHeader(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        BeginHeaders();
        if (_headerCount == ushort.MaxValue || name.Length > ushort.MaxValue)
            return;
        var target = _buffer.Append(sizeof(ushort) + sizeof(int) + name.Length + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)name.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target[sizeof(ushort)..], value.Length);
        name.CopyTo(target[(sizeof(ushort) + sizeof(int))..]);
        value.CopyTo(target[(sizeof(ushort) + sizeof(int) + name.Length)..]);
        _headerCount++;
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

    private void BeginHeaders()
    {
        if (_headersOffset != 0)
            return;
        _headersOffset = _buffer.Length - _start;
        _buffer.Append(sizeof(ushort));
    }
}
