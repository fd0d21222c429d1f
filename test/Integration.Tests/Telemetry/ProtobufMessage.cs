using System.Text;

namespace Divolte.Integration.Tests.Telemetry;

/// <summary>The fields of a protobuf message, by number, without its schema.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> _fields = [];

    /// <exception cref="InvalidDataException">This is no whole message.</exception>
    public ProtobufMessage(ReadOnlyMemory<byte> message)
    {
        for (var offset = 0; offset < message.Length;)
        {
            var head = ReadVarint(message.Span, ref offset);
            var number = (int)(head >> 3);
            switch (head & 7)
            {
                case 0:
                    _fields.Add((number, ReadVarint(message.Span, ref offset), default));
                    break;
                case 1:
                    _fields.Add((number, BitConverter.ToUInt64(message.Span[offset..]), default));
                    offset += 8;
                    break;
                case 2:
                    var length = (int)ReadVarint(message.Span, ref offset);
                    _fields.Add((number, 0, message.Slice(offset, length)));
                    offset += length;
                    break;
                case 5:
                    offset += 4;
                    break;
                default:
                    throw new InvalidDataException($"Field {number} has wire type {head & 7}.");
            }
        }
    }

    public IEnumerable<ProtobufMessage> Messages(int number) => Bytes(number).Select(bytes => new ProtobufMessage(bytes));

    /// <summary>The text of a field; empty when it is not there, as protobuf has it.</summary>
    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number).SingleOrDefault().Span);

    /// <summary>The bytes of a field, as hexadecimal text.</summary>
    public string Hex(int number) => Convert.ToHexString(Bytes(number).SingleOrDefault().Span);

    public long Integer(int number) => (long)_fields.SingleOrDefault(field => field.Number == number).Value;

    private IEnumerable<ReadOnlyMemory<byte>> Bytes(int number) => _fields.Where(field => field.Number == number).Select(field => field.Bytes);

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int offset)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            if (offset == bytes.Length || shift > 63)
                throw new InvalidDataException("The message ends within a number.");
            var next = bytes[offset++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
