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
        Frame(schemaId, record, framed);
        return framed;
    }

    /// <summary>Writes the record with its frame.</summary>
    public static void Frame(int schemaId, ReadOnlySpan<byte> record, Span<byte> framed)
    {
        framed[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(framed[1..], schemaId);
        record.CopyTo(framed[Length..]);
    }
}
