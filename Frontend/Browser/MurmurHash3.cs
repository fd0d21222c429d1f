using System.Buffers.Binary;
using System.Numerics;

namespace Divolte.Frontend.Browser;

/// <summary>MurmurHash3, the 32-bit variant for x86, with seed 0: the hash behind the checksum that the tag sends.</summary>
internal static class MurmurHash3
{
    private const uint FirstMultiplier = 0xcc9e2d51;
    private const uint SecondMultiplier = 0x1b873593;

    public static int Hash32(ReadOnlySpan<byte> bytes)
    {
        var state = 0u;
        var rest = bytes;
        while (rest.Length >= sizeof(uint))
        {
            state ^= Scramble(BinaryPrimitives.ReadUInt32LittleEndian(rest));
            state = BitOperations.RotateLeft(state, 13) * 5 + 0xe6546b64;
            rest = rest[sizeof(uint)..];
        }
        var tail = 0u;
        for (var index = rest.Length - 1; index >= 0; index--)
            tail = (tail << 8) | rest[index];
        state ^= Scramble(tail);
        return (int)Finish(state ^ (uint)bytes.Length);
    }

    private static uint Scramble(uint block) => BitOperations.RotateLeft(block * FirstMultiplier, 15) * SecondMultiplier;

    private static uint Finish(uint state)
    {
        state = (state ^ (state >> 16)) * 0x85ebca6b;
        state = (state ^ (state >> 13)) * 0xc2b2ae35;
        return state ^ (state >> 16);
    }
}
