using CsCheck;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Mapping.JsonPaths;
using Divolte.Grains.Schemas;
using Divolte.Grains.Tests.Mapping.Json;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.JsonPaths;

public class JsonPathTests
{
    private const string Shop = """
        {"name":"order","limit":3,"nothing":null,"odd name":"x","deep":{"er":{"x":1}},"numbers":[1,2,3],
         "items":[{"name":"apple","count":3,"tags":["red","round"]},{"name":"pear","count":1,"tags":[]},{"name":"plum","count":null}]}
        """;

    [Theory]
    [InlineData("$", null)]
    [InlineData("$.name", "\"order\"")]
    [InlineData("name", "\"order\"")]
    [InlineData("$['odd name']", "\"x\"")]
    [InlineData("$[\"name\"]", "\"order\"")]
    [InlineData("$.deep.er.x", "1")]
    [InlineData("$.missing", "absent")]
    [InlineData("$.name.x", "absent")]
    [InlineData("$.items.name", "absent")]
    [InlineData("$.nothing", "null")]
    [InlineData("$.numbers[0]", "1")]
    [InlineData("$.numbers[-1]", "3")]
    [InlineData("$.numbers[9].x", "absent")]
    [InlineData("$.numbers[0,2]", "[1,3]")]
    [InlineData("$.numbers[1:]", "[2,3]")]
    [InlineData("$.numbers[-2:]", "[2,3]")]
    [InlineData("$.numbers[:2]", "[1,2]")]
    [InlineData("$.numbers[:-1]", "[1,2]")]
    [InlineData("$.numbers[0:2]", "[1,2]")]
    [InlineData("$.numbers[0:3:2]", "[1,2,3]")]
    [InlineData("$.numbers[*]", "[1,2,3]")]
    [InlineData("$.deep.*", "[{\"x\":1}]")]
    [InlineData("$['name','limit']", "{\"name\":\"order\",\"limit\":3}")]
    [InlineData("$..x", "[1]")]
    [InlineData("$..name", "[\"order\",\"apple\",\"pear\",\"plum\"]")]
    [InlineData("$.missing[*]", "[]")]
    [InlineData("$.items[?(@.count == 3)].name", "[\"apple\"]")]
    [InlineData("$.items[?(@.count == '3')].name", "[\"apple\"]")]
    [InlineData("$.items[?(@.count > 1 || @.name == \"pear\")].name", "[\"apple\",\"pear\"]")]
    [InlineData("$.items[?(!(@.count == 3) && @.count)].name", "[\"pear\",\"plum\"]")]
    [InlineData("$.items[?(@.tags)].name", "[\"apple\",\"pear\"]")]
    [InlineData("$.items[?(@.tags empty true)].name", "[\"pear\"]")]
    [InlineData("$.items[?(@.tags size 2)].name", "[\"apple\"]")]
    [InlineData("$.items[?(@.tags contains 'red')].name", "[\"apple\"]")]
    [InlineData("$.items[?(@.name in ['pear','plum'])].name", "[\"pear\",\"plum\"]")]
    [InlineData("$.items[?(@.name nin ['pear','plum'])].name", "[\"apple\"]")]
    [InlineData("$.items[?(@.name =~ /P.*/i)].name", "[\"pear\",\"plum\"]")]
    [InlineData("$.items[?(@.count == $.limit)].name", "[\"apple\"]")]
    [InlineData("$.items[?(@.count == null)].name", "[\"plum\"]")]
    [InlineData("$.numbers[?(@ >= 2)]", "[2,3]")]
    public void Paths(string path, string? expected)
    {
        var actual = Evaluate(path, Shop);

        Assert.Equal(expected ?? Evaluate("$['name','limit','nothing','odd name','deep','numbers','items']", Shop), actual);
    }

    [Theory]
    [InlineData("$.a[0")]
    [InlineData("$.a[]")]
    [InlineData("$['a',]")]
    [InlineData("$..")]
    [InlineData("$.a[?(@.b = 1)]")]
    [InlineData("$.a[b]")]
    [InlineData("$.a.")]
    [InlineData("$.a[?(@.b == )]")]
    [InlineData("$.a[?(@.b == 'x)]")]
    [InlineData("$.a[?(@.b =~ /(/)]")]
    public void WhatIsNoPath_IsRefused(string path)
    {
        Assert.False(JsonPath.TryParse(path, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void RunawayPath_MatchesNothing()
    {
        var wide = $"[{string.Join(',', Enumerable.Repeat("[1,1,1,1,1,1,1,1,1,1,1,1]", 200))}]";

        Assert.Equal("[]", Evaluate("$..*..*..*..*[?(@ in [1,2,3])]", wide));
    }

    [Fact]
    public void AnyPath_IsEvaluatedOrRefused() => Gen.Char["$.@[]*?()'\"abcxname0123:,-=!<>&|~/ \\"].Array[0, 25].Sample(letters => Evaluate(new string(letters), Shop));

    private static string Evaluate(string text, string json)
    {
        if (!JsonPath.TryParse(text, out var path, out _))
            return "refused";
        var scope = new MappedEventScope(new AFrame { Parameters = json, ParametersFormat = ParametersFormat.Json });
        var mapped = scope.Mapped;
        var source = new TextSlice(null, mapped.Frame.OffsetOf(FrameSlot.Parameters), mapped.Frame[FrameSlot.Parameters].Length);
        Assert.True(JsonTextReader.TryRead(mapped, source, out var root));
        return path.TryEvaluate(root, mapped, out var result) ? JsonTreePrinter.Print(result, mapped) : "absent";
    }
}
