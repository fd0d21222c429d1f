using System.Numerics;

namespace Divolte.Grains.Mapping.Digests;

/// <summary>The constants of the SHA-2 family, worked out from the primes that define them.</summary>
internal static class RoundConstants
{
    /// <summary>The first 64 bits of the fractions of the cube roots of the first primes.</summary>
    public static IEnumerable<ulong> Cubes(int count) => Primes().Take(count).Select(prime => (ulong)(CubeRoot(new BigInteger(prime) << 192) & ulong.MaxValue));

    private static IEnumerable<int> Primes() => Enumerable.Range(2, 1000).Where(number => Enumerable.Range(2, number - 2).All(factor => number % factor != 0));

    /// <summary>The largest whole number whose cube is not above the given one.</summary>
    private static BigInteger CubeRoot(BigInteger value)
    {
        BigInteger low = 0, high = BigInteger.One << 70;
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (middle * middle * middle <= value)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }
}
