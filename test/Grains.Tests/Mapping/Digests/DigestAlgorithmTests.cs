using System.Text;
using Divolte.Grains.Mapping.Digests;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Digests;

public class DigestAlgorithmTests
{
    [Theory]
    [InlineData("md2", "abc", "da853b0d3f88d99b30283a69e6ded6bb")]
    [InlineData("MD5", "abc", "900150983cd24fb0d6963f7d28e17f72")]
    [InlineData("sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("sha-224", "abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")]
    [InlineData("SHA-224", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525")]
    [InlineData("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("SHA-512/224", "abc", "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa")]
    [InlineData("SHA-512/256", "abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")]
    [InlineData("SHA3-224", "abc", "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf")]
    [InlineData("SHA3-256", "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")]
    [InlineData("SHA3-384", "abc", "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25")]
    [InlineData("SHA3-512", "abc", "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0")]
    public void KnownDigests(string algorithm, string text, string expected) => Assert.Equal(expected, Compute(algorithm, null, text));

    [Theory]
    [InlineData("sha-224", "foo", "738cea8c1054dd101349da035986ce18ffbb6ade1995fc86b7a6344b")]
    [InlineData("sha-256", "foo", "ca5628424c22147c2fbd3d125cb9b69b81f5df71aca9f5c43c335e89a0b7da35")]
    [InlineData("sha-384", "foo", "5356f468e494be12562a0c312bc3fdbbe015b53cc062e1d64b50e4a0b896e49abf1c3130b3384f50c974c8bf4b0c2f25")]
    [InlineData("sha-512", "foo", "132691aea6dcfb9eec39ba03bb09c5d91aee8ead5e0367b842616f73bea0548685748163d61d90b7d723ee9a07a40b7b801fda06631734ad44d9aa747a4a44d7")]
    public void SeededDigests_AreThoseOfUpstream(string algorithm, string seed, string expected) => Assert.Equal(expected, Compute(algorithm, seed, "hello"));

    [Theory]
    [InlineData("sha-255", null)]
    [InlineData("", null)]
    [InlineData("md5", "seed")]
    [InlineData("sha-512/256", "seed")]
    [InlineData("sha3-256", "seed")]
    public void UnknownOrUnseedable_IsNotFound(string algorithm, string? seed) => Assert.Null(DigestAlgorithm.Find(algorithm, seed));

    [Theory]
    [InlineData("sha-224", "4e8f0ce90b64661a2b5e84be6d93a7d9b76871062f1814433d04a03d")]
    [InlineData("sha-512/256", "40eb4a70d4d69815407a9e272f0101cd67e3d11262a4a0bfc087712749c7fb53")]
    [InlineData("sha3-224", "2461344b84416db8fe01c2a4966fea019590c231dd5724c1bfc26745")]
    public void LongInput_CrossesBlocks(string algorithm, string expected) => Assert.Equal(expected, Compute(algorithm, null, new string('a', 1000)));

    private static string Compute(string algorithm, string? seed, string text)
    {
        var found = DigestAlgorithm.Find(algorithm, seed)!;
        var digest = new byte[found.Length];
        found.Compute(Encoding.UTF8.GetBytes(text), digest);
        return Convert.ToHexStringLower(digest);
    }
}
