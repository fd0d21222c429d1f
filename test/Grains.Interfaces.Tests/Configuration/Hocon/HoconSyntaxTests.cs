using Divolte.Grains.Interfaces.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon;

public class HoconSyntaxTests
{
    [Fact]
    public void JsonDocument_KeepsItsMeaning()
    {
        const string json = """{"a":{"b":[1,2.50,-3e+2,true,false,null,"x\u00e9\n"]},"empty":{},"none":[]}""";

        Assert.Equal(json.Replace("\\u00e9", "é", StringComparison.Ordinal), HoconReading.Json(json));
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("  \n\t\r\n # only a comment", "{}")]
    [InlineData("a = 1\nb = 2", """{"a":1,"b":2}""")]
    [InlineData("{ a = 1 }", """{"a":1}""")]
    [InlineData("{\na = 1\n}\n# end", """{"a":1}""")]
    public void RootBraces_MayBeLeftOut(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("{ a = 1")]
    [InlineData("a = 1 }")]
    [InlineData("a { b = 1")]
    [InlineData("{ a = 1 } }")]
    [InlineData("{ a = 1 } b = 2")]
    [InlineData("[1, 2]")]
    public void UnbalancedBracesOrRootList_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("a = 1 # one\n# two\nb = 2", """{"a":1,"b":2}""")]
    [InlineData("a = 1 // one\n// two\nb = 2", """{"a":1,"b":2}""")]
    [InlineData("a = [ 1 # one\n , 2 // two\n ] // three", """{"a":[1,2]}""")]
    [InlineData("a = \"# no // comment\"", """{"a":"# no // comment"}""")]
    [InlineData("a = x// comment", """{"a":"x"}""")]
    [InlineData("a = x# comment", """{"a":"x"}""")]
    [InlineData("a // comment\n = // comment\n 1", """{"a":1}""")]
    public void Comments_EndWithTheirLine(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("a = 1, b : 2, c=3, d:4", """{"a":1,"b":2,"c":3,"d":4}""")]
    [InlineData("a { b = 1 }\nc={d:2}\ne : { f = 3 }", """{"a":{"b":1},"c":{"d":2},"e":{"f":3}}""")]
    [InlineData("a{b{c=1}}", """{"a":{"b":{"c":1}}}""")]
    [InlineData("a\n{\n b\n=\n1 }", """{"a":{"b":1}}""")]
    public void Separators_AreEqualSignColonOrNoneBeforeABrace(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("a = 1, b = 2,", """{"a":1,"b":2}""")]
    [InlineData("a = 1\n\n\nb = 2", """{"a":1,"b":2}""")]
    [InlineData("a = 1\n, b = 2", """{"a":1,"b":2}""")]
    [InlineData("a = [1\n2\n3]", """{"a":[1,2,3]}""")]
    [InlineData("a = [1, 2, 3,]", """{"a":[1,2,3]}""")]
    [InlineData("a = [\n1,\n\n2\n]", """{"a":[1,2]}""")]
    [InlineData("a = {},\nb = {}", """{"a":{},"b":{}}""")]
    public void Elements_AreSeparatedByACommaOrALineEnd(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData(", a = 1")]
    [InlineData("a = 1,, b = 2")]
    [InlineData("a = 1,\n, b = 2")]
    [InlineData("a = [, 1]")]
    [InlineData("a = [1,, 2]")]
    [InlineData("a = [1, 2,,]")]
    [InlineData("a = {} b = {}")]
    [InlineData("a = [] b")]
    public void StrayCommaOrMissingSeparator_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("\uFEFFa\t=\u00A01\r\nb\u2003=\u2003x\u3000\r\n", """{"a":1,"b":"x"}""")]
    [InlineData("a\u2028=\u20291\u001C", """{"a":1}""")]
    [InlineData("\va\f=\u001F1", """{"a":1}""")]
    public void Blanks_AreAllOfUnicode(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Fact]
    public void CarriageReturnAlone_SeparatesNothing() => Assert.Equal("""{"a":"1\rb"}""", HoconReading.Json("a = 1\rb"));

    [Theory]
    [InlineData(""" a = "\" \\ \/ \b \f \n \r \t \u0041\ud83d\ude00" """, "{\"a\":\"\\\" \\\\ / \\u0008 \\u000c \\n \\r \\t A\\ud83d\\ude00\"}")]
    [InlineData("a = \"\"", """{"a":""}""")]
    [InlineData("a = \"\"\"x \\n \"quoted\" ${b}\"\"\"", """{"a":"x \\n \"quoted\" ${b}"}""")]
    [InlineData("a = \"\"\"one\ntwo\"\"\"", """{"a":"one\ntwo"}""")]
    [InlineData("a = \"\"\"\"\"\"", """{"a":""}""")]
    [InlineData("a = \"\"\"x\"\"\"\"\"", """{"a":"x\"\""}""")]
    public void QuotedStrings_AreJsonAndTripleQuotedOnesAreLiteral(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("a = \"x\ny\"")]
    [InlineData("a = \"x")]
    [InlineData("a = \"\"\"x\"\"")]
    [InlineData("a = \"\\x\"")]
    [InlineData("a = \"\\u12g4\"")]
    [InlineData("a = \"\\")]
    public void DamagedQuotedString_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("a = '.example.com'", 14)]
    [InlineData("a = ''", 2)]
    public void SingleQuotes_BelongToTheText(string text, int length)
    {
        var value = Assert.IsType<HoconScalar>(HoconReading.Resolve(text).Find("a"));

        Assert.Equal(length, value.Text.Length);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10ms")]
    [InlineData("0.0.0.0")]
    [InlineData("/tmp/working")]
    [InlineData("divolte.js")]
    [InlineData("my-topic")]
    [InlineData("_dvp")]
    [InlineData("truely")]
    [InlineData("nullable")]
    [InlineData("-x")]
    [InlineData("1-2")]
    [InlineData("1e3ms")]
    [InlineData("a/b/c")]
    [InlineData("~/x(y);z%<>|'")]
    public void UnquotedText_IsText(string value) => Assert.Equal($"{{\"a\":\"{value}\"}}", HoconReading.Json($"a = {value}"));

    [Theory]
    [InlineData("a+b")]
    [InlineData("x$y")]
    [InlineData("what?")]
    [InlineData("me@example.com")]
    [InlineData("a*b")]
    [InlineData("a&b")]
    [InlineData("a\\b")]
    [InlineData("`x`")]
    [InlineData("a^b")]
    [InlineData("a!b")]
    public void ReservedCharacterInUnquotedText_IsAnErrorThatSaysToQuote(string value)
    {
        var error = Assert.Throws<HoconException>(() => HoconReading.Resolve($"\na = {value}"));

        Assert.StartsWith("String: 2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("quotes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a = host:9092")]
    [InlineData("a = a=b")]
    public void SeparatorInUnquotedText_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("a = 30 minutes", """{"a":"30 minutes"}""")]
    [InlineData("a =   one   two   three  ", """{"a":"one   two   three"}""")]
    [InlineData("a = 1.50 m", """{"a":"1.50 m"}""")]
    [InlineData("a = true x null 1", """{"a":"true x null 1"}""")]
    [InlineData("a = \"x\"y\"z\"", """{"a":"xyz"}""")]
    [InlineData("a = [1] [2, 3][4]", """{"a":[1,2,3,4]}""")]
    [InlineData("a = { b = 1 } { c = 2 }{ b = 3 }", """{"a":{"b":3,"c":2}}""")]
    [InlineData("a = true", """{"a":true}""")]
    [InlineData("a = 8290", """{"a":8290}""")]
    [InlineData("a = null", """{"a":null}""")]
    [InlineData("a = \"8290\"", """{"a":"8290"}""")]
    public void Neighbours_JoinAndASingleValueKeepsItsType(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("a = 1 [2]")]
    [InlineData("a = [1] x")]
    [InlineData("a = { b = 1 } [2]")]
    [InlineData("a = { b = 1 } x")]
    public void NeighboursOfDifferentKinds_AreAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("a.b.c = 1", """{"a":{"b":{"c":1}}}""")]
    [InlineData("\"a.b\" = 1", """{"a.b":1}""")]
    [InlineData("a.\"b.c\".d = 1", """{"a":{"b.c":{"d":1}}}""")]
    [InlineData("a\"b\"c = 1", """{"abc":1}""")]
    [InlineData("a b c = 1", """{"a b c":1}""")]
    [InlineData("  a b.c  = 1", """{"a b":{"c":1}}""")]
    [InlineData("1.5 = 1", """{"1":{"5":1}}""")]
    [InlineData("10 = 1", """{"10":1}""")]
    [InlineData("true = 1", """{"true":1}""")]
    [InlineData("my-source_1 = 1", """{"my-source_1":1}""")]
    [InlineData("\"\" = 1", """{"":1}""")]
    public void Keys_ArePathExpressions(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData(".a = 1")]
    [InlineData("a. = 1")]
    [InlineData("a..b = 1")]
    [InlineData("= 1")]
    [InlineData("${a} = 1")]
    [InlineData("a")]
    [InlineData("a b")]
    public void BadKey_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text));

    [Theory]
    [InlineData("a = 1, a = 2", """{"a":2}""")]
    [InlineData("a { b = 1, c = 1 }, a { c = 2, d = 3 }", """{"a":{"b":1,"c":2,"d":3}}""")]
    [InlineData("a.b = 1, a.c = 2", """{"a":{"b":1,"c":2}}""")]
    [InlineData("a { b { c = 1 } }, a.b.d = 2", """{"a":{"b":{"c":1,"d":2}}}""")]
    [InlineData("a { b = 1 }, a = 5, a { c = 2 }", """{"a":{"c":2}}""")]
    [InlineData("a { b = 1 }, a = null, a { c = 2 }", """{"a":{"c":2}}""")]
    [InlineData("a { b = 1 }, a = []", """{"a":[]}""")]
    [InlineData("a = [1, 2], a = [3]", """{"a":[3]}""")]
    public void LaterValue_WinsAndObjectsMerge(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Fact]
    public void SpellingOfNumbers_IsKept() => Assert.Equal("""{"a":[1e3,5.0,-0,1E-2]}""", HoconReading.Json("a = [1e3, 5.0, -0, 1E-2]"));

    [Fact]
    public void ObjectWithKeysFromZero_StandsForAList()
    {
        var list = Assert.IsType<HoconObject>(HoconReading.Resolve("a { 1 = y, 0 = x, 2 = z }").Find("a")).AsList();

        Assert.Equal(["x", "y", "z"], list!.Items.Select(item => item.Describe()));
    }

    [Theory]
    [InlineData("a { 1 = x }")]
    [InlineData("a { 0 = x, 2 = y }")]
    [InlineData("a { 0 = x, b = y }")]
    [InlineData("a {}")]
    public void ObjectWithOtherKeys_StandsForNoList(string text) =>
        Assert.Null(Assert.IsType<HoconObject>(HoconReading.Resolve(text).Find("a")).AsList());
}
