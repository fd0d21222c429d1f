using System.Buffers.Binary;
using System.Numerics;

namespace Divolte.Grains.Mapping.Digests;

/// <summary>SHA-224 (FIPS 180-4), which the platform lacks: SHA-256 from other initial values, cut.</summary>
internal static class Sha224
{
    private const int BlockLength = 64;

    private static readonly uint[] Initial =
        [0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4];

    private static readonly uint[] Constants = RoundConstants.Cubes(64).Select(value => (uint)(value >> 32)).ToArray();

    public static void Compute(ReadOnlySpan<byte> data, Span<byte> target)
    {
        Span<uint> state = stackalloc uint[8];
        Initial.CopyTo(state);
        var whole = data.Length / BlockLength * BlockLength;
        for (var offset = 0; offset < whole; offset += BlockLength)
            Mix(data.Slice(offset, BlockLength), state);

        Span<byte> tail = stackalloc byte[2 * BlockLength];
        tail.Clear();
        var rest = data[whole..];
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        var length = rest.Length < BlockLength - 8 ? BlockLength : 2 * BlockLength;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(length - 8)..], (ulong)data.Length * 8);
        for (var offset = 0; offset < length; offset += BlockLength)
            Mix(tail.Slice(offset, BlockLength), state);
        for (var index = 0; index < 7; index++)
            BinaryPrimitives.WriteUInt32BigEndian(target[(4 * index)..], state[index]);
    }

    private static void Mix(ReadOnlySpan<byte> block, Span<uint> state)
    {
        Span<uint> words = stackalloc uint[64];
        for (var index = 0; index < 16; index++)
            words[index] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * index)..]);
        for (var index = 16; index < 64; index++)
        {
            var early = BitOperations.RotateRight(words[index - 15], 7) ^ BitOperations.RotateRight(words[index - 15], 18) ^ words[index - 15] >> 3;
            var late = BitOperations.RotateRight(words[index - 2], 17) ^ BitOperations.RotateRight(words[index - 2], 19) ^ words[index - 2] >> 10;
            words[index] = words[index - 16] + early + words[index - 7] + late;
        }
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (var index = 0; index < 64; index++)
        {
            var sum1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            var first = h + sum1 + (e & f ^ ~e & g) + Constants[index] + words[index];
            var sum0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            var second = sum0 + (a & b ^ a & c ^ b & c);
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}
