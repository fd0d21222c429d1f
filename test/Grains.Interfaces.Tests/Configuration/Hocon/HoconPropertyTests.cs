using System.Globalization;
using CsCheck;
using Divolte.Grains.Interfaces.Configuration.Hocon;
using Xunit;

namespace Divolte.Grains.Interfaces.Tests.Configuration.Hocon;

public class HoconPropertyTests
{
    private const string Sample = """"
        # every construct once
        { include "nothing" // comment
        a.b = ${?X}, "q.k" : "\u0041\n" , list = [1, 2.5e3, true, null, ${a}] [x y]
        a { b += ${list}, c = ${a.b} ["""z"""] }
        obj = ${?a} { t = 30 minutes, u = 127.0.0.1 }
        obj.t = ${obj.t} more }
        """";

    private static readonly Gen<string> Key = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("c.d"), Gen.Const("e f"), Gen.Const(""), Gen.Const("é\"\\\n"), Gen.Const("include"), Gen.Const("1"));

    private static readonly Gen<string> Snippet = OneOf(
        "a", "b", ".", "=", ":", "+=", "{", "}", "[", "]", ",", "\n", " ", "\"", "\"x\"", "\"\"\"", "${a}", "${?b}", "${a.b}", "${", "}", "$", "?", "#", "//",
        "include ", "include \"a\"", "file(\"x\")", "required(", ")", "null", "true", "1", "1e5", "-", "10 m", "\\", "\\u00", "\uFEFF", "\u2028", "\0", "\ud800", "0", "'");

    [Fact]
    public void JsonDocument_IsReadAsJson() => Json(3).Sample(json => HoconReading.Json("{\"root\":" + json + "}") == "{\"root\":" + json + "}");

    [Fact]
    public void ResolvedTree_ReadsBackTheSame() =>
        Soup(30).Sample(text =>
        {
            if (TryJson(text, out var json))
                Assert.Equal(json, HoconReading.Json(json));
        });

    [Fact]
    public void AnyText_IsReadOrRefusedWithOriginAndLine() => Soup(60).Sample(text => { TryJson(text, out _); });

    [Fact]
    public void DamagedFile_IsReadOrRefusedWithOriginAndLine() =>
        Gen.Select(Gen.Int[0, Sample.Length - 1], Gen.Int[0, 12], Snippet, Gen.Int[0, Sample.Length - 1]).Array[1, 6].Sample(damages =>
        {
            var text = Sample;
            foreach (var (at, length, inserted, from) in damages)
            {
                var start = Math.Min(at, text.Length);
                var copied = text.Substring(Math.Min(from, text.Length), Math.Min(length, text.Length - Math.Min(from, text.Length)));
                text = text[..start] + (length % 2 == 0 ? inserted : copied) + text[Math.Min(text.Length, start + length)..];
            }

            TryJson(text, out _);
        });

    [Fact]
    public void SubstitutionsInAnyArrangement_EndInAValueOrAnError() =>
        Gen.Select(OneOf("a", "b", "c", "a.b", "a.c", "b.a", "c.a.b"), OneOf("=", "+="), OneOf(
                "1", "x", "[1]", "{}", "{ a = 1 }", "${a}", "${?b}", "${a.b}", "${?a.c} x", "${b} ${?c}", "{ b = ${c} } ${?a}", "[${a}]", "[{ c = ${b} }]", "{ c = ${?a.b}, a { b = ${?c} } }", "null"))
            .Array[1, 12].Sample(fields => { TryJson(string.Join('\n', fields.Select(field => $"{field.Item1} {field.Item2} {field.Item3}")), out _); }, iter: 1_000);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static Gen<string> Soup(int length) => Snippet.Array[0, length].Select(string.Concat);

    private static bool TryJson(string text, out string json)
    {
        try
        {
            json = HoconReading.Json(text);
            return true;
        }
        catch (HoconException error)
        {
            Assert.Matches("^(String|/srv/).*: [0-9]+: .", error.Message);
            json = "";
            return false;
        }
    }

    private static Gen<string> Json(int depth)
    {
        var scalar = Gen.OneOf(
            Gen.String.Select(HoconText.Quote),
            Gen.Long.Select(number => number.ToString(CultureInfo.InvariantCulture)),
            OneOf("true", "false", "null", "1.5e-7", "-0.0"));
        if (depth == 0)
            return scalar;
        var item = Json(depth - 1);
        return Gen.OneOf(
            scalar,
            item.Array[0, 4].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Key, item).Array[0, 4].Select(fields =>
                $"{{{string.Join(',', fields.DistinctBy(field => field.Item1).Select(field => $"{HoconText.Quote(field.Item1)}:{field.Item2}"))}}}"));
    }
}
