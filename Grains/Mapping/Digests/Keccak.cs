using System.Buffers.Binary;
using System.Numerics;

namespace Divolte.Grains.Mapping.Digests;

/// <summary>The SHA-3 family (FIPS 202), on every platform and in all four lengths.</summary>
internal static class Keccak
{
    private const int Lanes = 25;

    private static readonly ulong[] RoundConstants = BuildRoundConstants();

    /// <summary>Bytes that are taken in at a time, for a hash of the given length.</summary>
    public static int RateOf(int length) => 200 - 2 * length;

    public static void Compute(ReadOnlySpan<byte> data, Span<byte> target)
    {
        var rate = RateOf(target.Length);
        Span<ulong> state = stackalloc ulong[Lanes];
        state.Clear();
        while (data.Length >= rate)
        {
            Absorb(data[..rate], state);
            data = data[rate..];
        }
        Span<byte> last = stackalloc byte[rate];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] ^= 0x06;
        last[rate - 1] ^= 0x80;
        Absorb(last, state);

        Span<byte> hash = stackalloc byte[Lanes * sizeof(ulong)];
        for (var lane = 0; lane < Lanes; lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(lane * sizeof(ulong))..], state[lane]);
        hash[..target.Length].CopyTo(target);
    }

    private static void Absorb(ReadOnlySpan<byte> block, Span<ulong> state)
    {
        for (var lane = 0; lane < block.Length / sizeof(ulong); lane++)
            state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * sizeof(ulong))..]);
        Permute(state);
    }

    private static void Permute(Span<ulong> state)
    {
        Span<ulong> columns = stackalloc ulong[5];
        Span<ulong> moved = stackalloc ulong[Lanes];
        foreach (var constant in RoundConstants)
        {
            for (var x = 0; x < 5; x++)
                columns[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
            for (var lane = 0; lane < Lanes; lane++)
                state[lane] ^= columns[(lane + 4) % 5] ^ BitOperations.RotateLeft(columns[(lane % 5 + 1) % 5], 1);

            // Each lane moves along its path and is rotated by the triangular numbers.
            moved[0] = state[0];
            int column = 1, row = 0;
            for (var step = 0; step < 24; step++)
            {
                var (nextColumn, nextRow) = (row, (2 * column + 3 * row) % 5);
                moved[nextColumn + 5 * nextRow] = BitOperations.RotateLeft(state[column + 5 * row], (step + 1) * (step + 2) / 2 % 64);
                (column, row) = (nextColumn, nextRow);
            }
            for (var lane = 0; lane < Lanes; lane++)
            {
                var start = lane / 5 * 5;
                state[lane] = moved[lane] ^ ~moved[start + (lane + 1) % 5] & moved[start + (lane + 2) % 5];
            }
            state[0] ^= constant;
        }
    }

    /// <summary>The constants come from a shift register of eight bits.</summary>
    private static ulong[] BuildRoundConstants()
    {
        var constants = new ulong[24];
        var register = 1;
        for (var round = 0; round < constants.Length; round++)
        {
            for (var power = 0; power <= 6; power++)
            {
                if ((register & 1) != 0)
                    constants[round] |= 1UL << ((1 << power) - 1);
                register <<= 1;
                if ((register & 0x100) != 0)
                    register ^= 0x171;
            }
        }
        return constants;
    }
}
