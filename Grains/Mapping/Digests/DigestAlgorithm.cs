using System.Security.Cryptography;
using System.Text;

namespace Divolte.Grains.Mapping.Digests;

/// <summary>
/// A message digest by its Java name, or with a seed the HMAC over it. The key is derived once, from the seed, exactly as Divolte derives it, so that
/// pseudonyms stay the same.
/// </summary>
internal sealed class DigestAlgorithm
{
    /// <summary>Upstream's salt.</summary>
    private static readonly byte[] Salt = [0x64, 0x69, 0x76, 0x6f, 0x6c, 0x74, 0x65, 0xb6, 0x87, 0xe2, 0xd9, 0xaa, 0x06, 0x03, 0x72];

    private const int Iterations = 100_000;

    private readonly HashFunction _hash;
    private readonly byte[]? _innerPad;
    private readonly byte[]? _outerPad;

    private DigestAlgorithm(HashFunction hash, byte[]? key)
    {
        _hash = hash;
        if (key is null)
            return;
        _innerPad = Pad(key, 0x36);
        _outerPad = Pad(key, 0x5c);
    }

    /// <summary>Length of a digest in bytes.</summary>
    public int Length => _hash.Length;

    /// <summary>The algorithm of a name, or null when there is none, or none that can be seeded.</summary>
    /// <param name="name">As in Java, in whatever case: <c>sha-256</c>, <c>SHA3-512</c>, <c>MD5</c> …</param>
    /// <param name="seed">The seed, or null.</param>
    public static DigestAlgorithm? Find(string name, string? seed)
    {
        var canonical = name.ToUpperInvariant();
        if (HashFunction.Find(canonical) is not { } hash)
            return null;
        if (seed is null)
            return new DigestAlgorithm(hash, null);
        var mac = canonical.Replace("-", "", StringComparison.Ordinal);
        if (mac is not ("SHA1" or "SHA224" or "SHA256" or "SHA384" or "SHA512"))
            return null;
        return new DigestAlgorithm(hash, DeriveKey(hash, mac, Encoding.UTF8.GetBytes(seed)));
    }

    /// <summary>As many bytes as the digest has, read as bits: upstream's mistake, on which existing pseudonyms depend.</summary>
    private static byte[] DeriveKey(HashFunction hash, string mac, byte[] seed)
    {
        var length = hash.Length / 8;
        return mac switch
        {
            "SHA1" => Rfc2898DeriveBytes.Pbkdf2(seed, Salt, Iterations, HashAlgorithmName.SHA1, length),
            "SHA256" => Rfc2898DeriveBytes.Pbkdf2(seed, Salt, Iterations, HashAlgorithmName.SHA256, length),
            "SHA384" => Rfc2898DeriveBytes.Pbkdf2(seed, Salt, Iterations, HashAlgorithmName.SHA384, length),
            "SHA512" => Rfc2898DeriveBytes.Pbkdf2(seed, Salt, Iterations, HashAlgorithmName.SHA512, length),
            _ => DeriveFirstBlock(new DigestAlgorithm(hash, seed), length),
        };
    }

    /// <summary>PBKDF2 for a hash that the platform lacks; the key is shorter than one block.</summary>
    private static byte[] DeriveFirstBlock(DigestAlgorithm mac, int length)
    {
        var block = new byte[mac.Length];
        mac.Compute([.. Salt, 0, 0, 0, 1], block);
        var result = (byte[])block.Clone();
        for (var iteration = 1; iteration < Iterations; iteration++)
        {
            mac.Compute(block, block);
            for (var index = 0; index < result.Length; index++)
                result[index] ^= block[index];
        }
        return result[..length];
    }

    private byte[] Pad(byte[] key, byte value)
    {
        var pad = new byte[_hash.BlockLength];
        if (key.Length > pad.Length)
            _hash.Compute(key, pad);
        else
            key.CopyTo(pad, 0);
        for (var index = 0; index < pad.Length; index++)
            pad[index] ^= value;
        return pad;
    }

    /// <summary>Writes the digest of the data to a place of <see cref="Length"/> bytes, which may overlap the data.</summary>
    public void Compute(ReadOnlySpan<byte> data, Span<byte> target)
    {
        if (_innerPad is null)
        {
            _hash.Compute(data, target);
            return;
        }
        var length = _innerPad.Length + data.Length;
        var message = length <= 1024 ? stackalloc byte[length] : new byte[length];
        _innerPad.CopyTo(message);
        data.CopyTo(message[_innerPad.Length..]);
        Span<byte> outer = stackalloc byte[_outerPad!.Length + Length];
        _outerPad.CopyTo(outer);
        _hash.Compute(message, outer[_outerPad.Length..]);
        _hash.Compute(outer, target);
    }
}
