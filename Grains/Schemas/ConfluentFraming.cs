using System.Buffers.Binary;

namespace Divolte.Grains.Schemas;

/// <summary>The wire format of schema registries: a zero byte and the schema's identifier (32 bits, most significant byte first) in front of the record.</summary>
internal static class ConfluentFraming
{
    /// <summary>Length of what stands in front, in bytes.</summary>
    public const int Length = 5;

    /// <summary>The record with its frame, as an array of its own.</summary>
    public static byte[] Frame(int schemaId, ReadOnlySpan<byte> record)
    {
        var framed = new byte[Length + record.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), schemaId);
        record.CopyTo(framed.AsSpan(Length));
        return framed;
    }
}
