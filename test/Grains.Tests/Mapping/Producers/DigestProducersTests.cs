using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Producers;

public class DigestProducersTests
{
    private const string Repeated = "mapping { map digest('sha-256').add(eventType()).add('-').add(eventType()).add('-').result().toHexLower() onto 's1' }";

    [Fact]
    public void RepeatedPiece_CountsOnceByDefault() => Assert.Equal(Sha256("pageView-"), ScriptedRecord.Map(Repeated)["s1"]);

    [Fact]
    public void RepeatedPiece_CountsAlwaysWhenConfigured() =>
        Assert.Equal(Sha256("pageView-pageView-"), ScriptedRecord.Map(Repeated, repeatsDigestPieces: true)["s1"]);

    [Fact]
    public void AbsentPieces_AddNothing() =>
        Assert.Equal(Sha256(""), ScriptedRecord.Map("mapping { map digest('sha-256').add(cookie('none')).result().toHexLower() onto 's1' }")["s1"]);

    [Fact]
    public void BytesAndTexts_AreTheSameDigest()
    {
        var record = ScriptedRecord.Map(
            "mapping { def r = digest('sha-256').add('x').result()\n map r onto 'y1'\n map r.toHexUpper() onto 's1'\n map r.toBase64() onto 's2' }");

        var expected = SHA256.HashData("x"u8);
        Assert.Equal(expected, (byte[])record["y1"]);
        Assert.Equal(Convert.ToHexString(expected), record["s1"]);
        Assert.Equal(Convert.ToBase64String(expected), record["s2"]);
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
