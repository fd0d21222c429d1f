using System.Buffers.Binary;

namespace Divolte.Grains.Interfaces.Events;

/// <summary>Walks over the parts of a batch: <c>while (reader.MoveNext()) … reader.Head … reader.Frames</c>.</summary>
/// <param name="parts"><see cref="EventBatch.Parts"/>.</param>
public struct EventBatchReader(ReadOnlyMemory<byte> parts)
{
    /// <summary>Length of the head of a part in bytes.</summary>
    public const int HeadLength = 24;

    private ReadOnlyMemory<byte> _rest = parts;

    public BatchPartHead Head { get; private set; }

    /// <summary>The frames of the current part, one after another.</summary>
    public ReadOnlyMemory<byte> Frames { get; private set; }

    /// <summary>Goes to the next part.</summary>
    /// <exception cref="InvalidDataException">The bytes are not whole parts.</exception>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < HeadLength)
            throw new InvalidDataException("A batch ends within the head of a part.");
        var head = _rest.Span;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        if (length < 0 || length > _rest.Length - HeadLength)
            throw new InvalidDataException($"A batch part of {length} bytes does not fit in its batch.");
        Head = new BatchPartHead(
            BinaryPrimitives.ReadUInt16LittleEndian(head),
            BinaryPrimitives.ReadUInt16LittleEndian(head[2..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(head[16..]));
        Frames = _rest.Slice(HeadLength, length);
        _rest = _rest[(HeadLength + length)..];
        return true;
    }

    /// <summary>Writes the head of a part.</summary>
    public static void WriteHead(Span<byte> target, BatchPartHead head, int framesLength)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, checked((ushort)head.Shard));
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], checked((ushort)head.EventCount));
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], framesLength);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], head.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], head.SettledBelow);
    }
}
