namespace Divolte.Grains.Sinks.Files;

/// <summary>Avro's variable-length zigzag numbers, as containers use them.</summary>
internal static class AvroLong
{
    /// <summary>Writes a number; returns how many bytes it took, at most ten.</summary>
    public static int Write(Span<byte> target, long value)
    {
        var bits = (ulong)(value << 1) ^ (ulong)(value >> 63);
        var length = 0;
        for (; bits >= 0x80; bits >>= 7)
            target[length++] = (byte)(bits | 0x80);
        target[length++] = (byte)bits;
        return length;
    }

    /// <summary>Reads a number; returns how many bytes it took, 0 when the bytes end too early or it is longer than ten.</summary>
    public static int Read(ReadOnlySpan<byte> source, out long value)
    {
        ulong bits = 0;
        for (var i = 0; i < source.Length && i < 10; i++)
        {
            bits |= (ulong)(source[i] & 0x7f) << (7 * i);
            if (source[i] >= 0x80)
                continue;
            value = (long)(bits >> 1) ^ -(long)(bits & 1);
            return i + 1;
        }
        value = 0;
        return 0;
    }
}
