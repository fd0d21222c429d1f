using System.Security.Cryptography;

namespace Divolte.Grains.Mapping.Digests;

/// <summary>One hash function. Those of the platform where it has them.</summary>
/// <param name="Length">Length of a hash in bytes.</param>
/// <param name="BlockLength">Length of a block in bytes, for HMAC.</param>
/// <param name="Compute">Writes the hash of the data to the start of the target.</param>
internal sealed record HashFunction(int Length, int BlockLength, HashFunction.Computation Compute)
{
    public delegate void Computation(ReadOnlySpan<byte> data, Span<byte> target);

    /// <summary>The function with a Java name in capitals; null when there is none.</summary>
    public static HashFunction? Find(string name) => name switch
    {
        "MD2" => new HashFunction(16, 16, Md2.Compute),
#pragma warning disable CA5350, CA5351 // Scripts name the algorithm; existing pseudonyms may be made with an old one.
        "MD5" => new HashFunction(16, 64, static (data, target) => MD5.HashData(data, target)),
        "SHA" or "SHA1" or "SHA-1" => new HashFunction(20, 64, static (data, target) => SHA1.HashData(data, target)),
#pragma warning restore CA5350, CA5351
        "SHA-224" or "SHA224" => new HashFunction(28, 64, Sha224.Compute),
        "SHA-256" or "SHA256" => new HashFunction(32, 64, static (data, target) => SHA256.HashData(data, target)),
        "SHA-384" or "SHA384" => new HashFunction(48, 128, static (data, target) => SHA384.HashData(data, target)),
        "SHA-512" or "SHA512" => new HashFunction(64, 128, static (data, target) => SHA512.HashData(data, target)),
        "SHA-512/224" or "SHA512/224" => new HashFunction(28, 128, Sha512Truncated.Compute224),
        "SHA-512/256" or "SHA512/256" => new HashFunction(32, 128, Sha512Truncated.Compute256),
        "SHA3-224" => Sha3(28),
        "SHA3-256" => Sha3(32),
        "SHA3-384" => Sha3(48),
        "SHA3-512" => Sha3(64),
        _ => null,
    };

    private static HashFunction Sha3(int length) => new(length, Keccak.RateOf(length), (data, target) => Keccak.Compute(data, target[..length]));
}
