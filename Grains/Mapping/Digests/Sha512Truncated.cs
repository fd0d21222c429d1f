using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Divolte.Grains.Mapping.Digests;

/// <summary>SHA-512/224 and SHA-512/256 (FIPS 180-4), which the platform lacks: SHA-512 from other initial values, cut.</summary>
internal static class Sha512Truncated
{
    private const int BlockLength = 128;

    private static readonly ulong[] Constants = [.. RoundConstants.Cubes(80)];

    private static readonly ulong[] Initial512 =
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    private static readonly ulong[] Initial224 = InitialOf("SHA-512/224");
    private static readonly ulong[] Initial256 = InitialOf("SHA-512/256");

    public static void Compute224(ReadOnlySpan<byte> data, Span<byte> target) => Compute(data, target[..28], Initial224);

    public static void Compute256(ReadOnlySpan<byte> data, Span<byte> target) => Compute(data, target[..32], Initial256);

    /// <summary>The initial values are the hash of the name, itself from changed initial values.</summary>
    private static ulong[] InitialOf(string name)
    {
        Span<byte> hash = stackalloc byte[64];
        Compute(Encoding.ASCII.GetBytes(name), hash, Initial512.Select(value => value ^ 0xa5a5a5a5a5a5a5a5).ToArray());
        var initial = new ulong[8];
        for (var index = 0; index < 8; index++)
            initial[index] = BinaryPrimitives.ReadUInt64BigEndian(hash[(8 * index)..]);
        return initial;
    }

    private static void Compute(ReadOnlySpan<byte> data, Span<byte> target, ulong[] initial)
    {
        Span<ulong> state = stackalloc ulong[8];
        initial.CopyTo(state);
        var whole = data.Length / BlockLength * BlockLength;
        for (var offset = 0; offset < whole; offset += BlockLength)
            Mix(data.Slice(offset, BlockLength), state);

        Span<byte> tail = stackalloc byte[2 * BlockLength];
        tail.Clear();
        var rest = data[whole..];
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        var length = rest.Length < BlockLength - 16 ? BlockLength : 2 * BlockLength;
        BinaryPrimitives.WriteUInt64BigEndian(tail[(length - 8)..], (ulong)data.Length * 8);
        for (var offset = 0; offset < length; offset += BlockLength)
            Mix(tail.Slice(offset, BlockLength), state);

        Span<byte> hash = stackalloc byte[64];
        for (var index = 0; index < 8; index++)
            BinaryPrimitives.WriteUInt64BigEndian(hash[(8 * index)..], state[index]);
        hash[..target.Length].CopyTo(target);
    }

    private static void Mix(ReadOnlySpan<byte> block, Span<ulong> state)
    {
        Span<ulong> words = stackalloc ulong[80];
        for (var index = 0; index < 16; index++)
            words[index] = BinaryPrimitives.ReadUInt64BigEndian(block[(8 * index)..]);
        for (var index = 16; index < 80; index++)
        {
            var early = BitOperations.RotateRight(words[index - 15], 1) ^ BitOperations.RotateRight(words[index - 15], 8) ^ words[index - 15] >> 7;
            var late = BitOperations.RotateRight(words[index - 2], 19) ^ BitOperations.RotateRight(words[index - 2], 61) ^ words[index - 2] >> 6;
            words[index] = words[index - 16] + early + words[index - 7] + late;
        }
        ulong a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (var index = 0; index < 80; index++)
        {
            var sum1 = BitOperations.RotateRight(e, 14) ^ BitOperations.RotateRight(e, 18) ^ BitOperations.RotateRight(e, 41);
            var first = h + sum1 + (e & f ^ ~e & g) + Constants[index] + words[index];
            var sum0 = BitOperations.RotateRight(a, 28) ^ BitOperations.RotateRight(a, 34) ^ BitOperations.RotateRight(a, 39);
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
