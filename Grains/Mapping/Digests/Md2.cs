namespace Divolte.Grains.Mapping.Digests;

/// <summary>MD2 (RFC 1319), which Java still has.</summary>
internal static class Md2
{
    private const int BlockLength = 16;

    /// <summary>The substitution of the RFC: a permutation of the bytes, shuffled by the digits of pi.</summary>
    private static readonly byte[] Substitution = BuildSubstitution();

    public static void Compute(ReadOnlySpan<byte> data, Span<byte> target)
    {
        Span<byte> state = stackalloc byte[3 * BlockLength];
        Span<byte> checksum = stackalloc byte[BlockLength];
        Span<byte> last = stackalloc byte[BlockLength];
        state.Clear();
        checksum.Clear();
        while (data.Length >= BlockLength)
        {
            Mix(data[..BlockLength], state, checksum);
            data = data[BlockLength..];
        }
        last.Fill((byte)(BlockLength - data.Length));
        data.CopyTo(last);
        Mix(last, state, checksum);
        checksum.CopyTo(last);
        Mix(last, state, checksum);
        state[..BlockLength].CopyTo(target);
    }

    private static void Mix(ReadOnlySpan<byte> block, Span<byte> state, Span<byte> checksum)
    {
        var carry = checksum[BlockLength - 1];
        for (var index = 0; index < BlockLength; index++)
        {
            state[BlockLength + index] = block[index];
            state[2 * BlockLength + index] = (byte)(block[index] ^ state[index]);
            carry = checksum[index] ^= Substitution[block[index] ^ carry];
        }
        byte mixed = 0;
        for (var round = 0; round < 18; round++)
        {
            for (var index = 0; index < state.Length; index++)
                mixed = state[index] ^= Substitution[mixed];
            mixed = (byte)(mixed + round);
        }
    }

    private static byte[] BuildSubstitution()
    {
        var digits = PiDigits(722);
        var position = 0;
        int NextBelow(int limit)
        {
            // The digits give numbers without bias: as many digits as needed, and those beyond the last whole multiple are passed over.
            while (true)
            {
                var (value, bound) = limit <= 10 ? (digits[position], 10) : limit <= 100 ? (digits[position] * 10 + digits[position + 1], 100)
                    : (digits[position] * 100 + digits[position + 1] * 10 + digits[position + 2], 1000);
                position += bound == 10 ? 1 : bound == 100 ? 2 : 3;
                if (value < bound / limit * limit)
                    return value % limit;
            }
        }
        var table = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        for (var index = 1; index < 256; index++)
        {
            var other = NextBelow(index + 1);
            (table[index], table[other]) = (table[other], table[index]);
        }
        return table;
    }

    /// <summary>The first decimal digits of pi, by Machin's formula.</summary>
    private static int[] PiDigits(int count)
    {
        var scale = System.Numerics.BigInteger.Pow(10, count + 10);
        System.Numerics.BigInteger ArcTangentOfInverse(int divisor)
        {
            var term = scale / divisor;
            var sum = term;
            for (var index = 1; !term.IsZero; index++)
            {
                term = -term / (divisor * divisor);
                sum += term / (2 * index + 1);
            }
            return sum;
        }
        var pi = 4 * (4 * ArcTangentOfInverse(5) - ArcTangentOfInverse(239));
        return pi.ToString(System.Globalization.CultureInfo.InvariantCulture).Take(count).Select(digit => digit - '0').ToArray();
    }
}
