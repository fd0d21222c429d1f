using CsCheck;
using Divolte.Grains.Interfaces.Configuration.Hocon;
using Divolte.Grains.Interfaces.Configuration.Hocon.Files;
using Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;
using Divolte.Grains.Interfaces.Tests.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon.Files;

public class HoconPropertiesTests
{
    [Theory]
    [InlineData("a.b.c = 1\na.b.d: true", """{"a":{"b":{"c":"1","d":"true"}}}""")]
    [InlineData("# comment\n! comment\n\n  a   value with blanks  ", """{"a":"value with blanks  "}""")]
    [InlineData("a = one \\\n    two\nb=3", """{"a":"one two","b":"3"}""")]
    [InlineData("a = x\\\\\nb = y", """{"a":"x\\","b":"y"}""")]
    [InlineData("a\\ b\\=c = \\t\\u0041\\q", """{"a b=c":"\tAq"}""")]
    [InlineData("empty\nalso =", """{"empty":"","also":""}""")]
    [InlineData("a = ${b}", """{"a":"${b}"}""")]
    [InlineData("a = x\r\nb = y\rc = z", """{"a":"x","b":"y","c":"z"}""")]
    public void Properties_AreTextsInNestedObjects(string text, string json) => Assert.Equal(json, Read(text));

    [Theory]
    [InlineData("a = 1\na.b = 2")]
    [InlineData("a.b = 2\na = 1")]
    public void NameThatBeginsOthers_GivesWayToThem(string text) => Assert.Equal("""{"a":{"b":"2"}}""", Read(text));

    [Fact]
    public void DamagedEscape_IsAnErrorWithItsLine() =>
        Assert.StartsWith("x.properties: 2: ", Assert.Throws<HoconException>(() => Read("a = 1\nb = \\u12")).Message, StringComparison.Ordinal);

    [Fact]
    public void AnyText_IsReadOrRefused() => Gen.String[Gen.Char["ab.=: \\\n\r\t#!u0041\f"], 0, 60].Sample(text =>
    {
        try
        {
            Read(text);
        }
        catch (HoconException error)
        {
            Assert.StartsWith("x.properties", error.Message, StringComparison.Ordinal);
        }
    });

    private static string Read(string text) => HoconReading.Json(HoconResolver.Resolve(HoconProperties.Parse(text, "x.properties"), _ => null));
}
