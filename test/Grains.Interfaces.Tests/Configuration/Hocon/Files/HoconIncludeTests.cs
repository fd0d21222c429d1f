using Divolte.Grains.Interfaces.Configuration.Hocon;
using Divolte.Grains.Interfaces.Tests.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon.Files;

public class HoconIncludeTests
{
    private static readonly MemoryFiles Disk = new()
    {
        ["/srv/other.conf"] = "a = other, n = 1",
        ["/srv/three.conf"] = "a = conf",
        ["/srv/three.json"] = """{ "a": "json", "b": "json" }""",
        ["/srv/three.properties"] = "a = properties\nb = properties\nc.d = properties",
        ["/srv/dir/first.conf"] = "include \"second.conf\"\na = first",
        ["/srv/dir/second.conf"] = "b = second, a = second",
        ["/srv/relative.conf"] = "x = ${y}, y = inner, z = ${top}",
        ["/srv/self.conf"] = "include \"self.conf\"",
        ["/srv/round.conf"] = "include \"trip.conf\"",
        ["/srv/trip.conf"] = "include \"round.conf\"",
        ["/srv/broken.conf"] = "a = \n\n}",
        ["/srv/append.conf"] = "list += two",
        ["/resources/core.conf"] = "a = resource",
    };

    [Theory]
    [InlineData("include \"other.conf\"", """{"a":"other","n":1}""")]
    [InlineData("include file(\"other.conf\")", """{"a":"other","n":1}""")]
    [InlineData("include file( \"/srv/other.conf\" )", """{"a":"other","n":1}""")]
    [InlineData("include required(\"other.conf\")", """{"a":"other","n":1}""")]
    [InlineData("include required(file(\"other.conf\"))", """{"a":"other","n":1}""")]
    [InlineData("include url(\"file:///srv/other.conf\")", """{"a":"other","n":1}""")]
    [InlineData("include classpath(\"reference.conf\")", """{"built":"in"}""")]
    [InlineData("include \"reference.conf\"", """{"built":"in"}""")]
    [InlineData("include classpath(\"core.conf\")", """{"a":"resource"}""")]
    [InlineData("x { include \"other\" }", """{"x":{"a":"other","n":1}}""")]
    [InlineData("a = before, include \"other.conf\"", """{"a":"other","n":1}""")]
    [InlineData("include \"other.conf\", a = after", """{"a":"after","n":1}""")]
    [InlineData("x = [{ include \"other.conf\" }]", """{"x":[{"a":"other","n":1}]}""")]
    public void Include_MergesWhereItStands(string text, string json) => Assert.Equal(json, HoconReading.Json(text, files: Disk));

    [Theory]
    [InlineData("include \"missing\"")]
    [InlineData("include \"missing.conf\"")]
    [InlineData("include file(\"/nowhere/missing.conf\")")]
    [InlineData("include classpath(\"missing.conf\")")]
    [InlineData("include url(\"file:///srv/missing.conf\")")]
    public void MissingTarget_IsIgnored(string text) => Assert.Equal("{}", HoconReading.Json(text, files: Disk));

    [Theory]
    [InlineData("include required(\"missing\")")]
    [InlineData("include required(file(\"missing.conf\"))")]
    [InlineData("include required(classpath(\"missing.conf\"))")]
    public void MissingRequiredTarget_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text, files: Disk));

    [Fact]
    public void TargetWithoutExtension_TriesAllAndConfWins() =>
        Assert.Equal("""{"a":"conf","b":"json","c":{"d":"properties"}}""", HoconReading.Json("include \"three\"", files: Disk));

    [Fact]
    public void IncludedFile_ResolvesItsOwnIncludesBesideItself() =>
        Assert.Equal("""{"b":"second","a":"first"}""", HoconReading.Json("include \"dir/first.conf\"", files: Disk));

    [Fact]
    public void SubstitutionInAnIncludedFile_IsLookedUpAtThePlaceOfInclusionFirst() =>
        Assert.Equal(
            """{"top":"outer","y":"outer","in":{"x":"inner","y":"inner","z":"outer"}}""",
            HoconReading.Json("top = outer, y = outer, in { include \"relative.conf\" }", files: Disk));

    [Fact]
    public void AppendInAnIncludedFile_SeesTheValueBefore() =>
        Assert.Equal("""{"x":{"list":["one","two"]}}""", HoconReading.Json("x { list = [one], include \"append.conf\" }", files: Disk));

    [Theory]
    [InlineData("include \"self.conf\"")]
    [InlineData("include \"round.conf\"")]
    public void CyclicInclude_IsAnError(string text) =>
        Assert.Contains("includes itself", Assert.Throws<HoconException>(() => HoconReading.Resolve(text, files: Disk)).Message, StringComparison.Ordinal);

    [Fact]
    public void FilesThatIncludeEachOtherManyTimes_AreRefused()
    {
        var disk = new MemoryFiles();
        for (var i = 0; i < 15; i++)
            disk[$"/srv/f{i}.conf"] = $"include \"f{i + 1}.conf\"\ninclude \"f{i + 1}.conf\"";

        Assert.Throws<HoconException>(() => HoconReading.Resolve("include \"f0.conf\"", files: disk));
    }

    [Fact]
    public void ChainOfIncludes_HasAnEnd()
    {
        var disk = new MemoryFiles();
        for (var i = 0; i < 100; i++)
            disk[$"/srv/f{i}.conf"] = $"include \"f{i + 1}.conf\"";

        Assert.Throws<HoconException>(() => HoconReading.Resolve("include \"f0.conf\"", files: disk));
    }

    [Fact]
    public void ErrorInAnIncludedFile_NamesThatFile() =>
        Assert.StartsWith(
            "/srv/broken.conf: 3: ",
            Assert.Throws<HoconException>(() => HoconReading.Resolve("include \"broken.conf\"", files: Disk)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("\"include\" = 1", """{"include":1}""")]
    [InlineData("includes = 1", """{"includes":1}""")]
    [InlineData("a.include = 1", """{"a":{"include":1}}""")]
    [InlineData("a = include", """{"a":"include"}""")]
    public void IncludeElsewhereOrQuoted_IsAWordLikeAnyOther(string text, string json) => Assert.Equal(json, HoconReading.Json(text));

    [Theory]
    [InlineData("include")]
    [InlineData("include = 1")]
    [InlineData("include other.conf")]
    [InlineData("include ${x}")]
    [InlineData("include file(\"other.conf\"")]
    [InlineData("include package(\"other.conf\")")]
    [InlineData("include required(url(\"file:///x\")")]
    [InlineData("include url(\"https://example.com/x.conf\")")]
    public void DamagedInclude_IsAnError(string text) => Assert.Throws<HoconException>(() => HoconReading.Resolve(text, files: Disk));
}
