using System.Text;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Schemas;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Json;

/// <summary>The conversions that upstream's own fixtures describe, with their switches.</summary>
public class JsonConversionTests
{
    private const string Suit = """{"type":"enum","name":"Suit","symbols":["SPADES","HEARTS","DIAMONDS","CLUBS"]}""";
    private const string Pair = """{"type":"record","name":"Pair","fields":[{"name":"foo","type":"string"},{"name":"baz","type":"string"}]}""";

    [Theory]
    [InlineData("\"boolean\"", "true", "01")]
    [InlineData("\"boolean\"", "false", "00")]
    [InlineData("\"string\"", "\"a value\"", "0e612076616c7565")]
    [InlineData("\"string\"", "\"\"", "00")]
    [InlineData("\"int\"", "10", "14")]
    [InlineData("\"long\"", "45", "5a")]
    [InlineData("\"float\"", "10.2", "33332341")]
    [InlineData("\"double\"", "10.1", "3333333333332440")]
    [InlineData("\"bytes\"", "\"VGhlIHF1aWNr\"", "1254686520717569636b")]
    [InlineData("""{"type":"fixed","name":"md5","size":16}""", "\"FHWPGv1EwJt5kgc8zwC0PQ==\"", "14758f1afd44c09b7992073ccf00b43d")]
    [InlineData("""{"type":"map","values":"string"}""", """{"a":"b","c":"d"}""", "040261026202630264" + "00")]
    [InlineData("""{"type":"map","values":"string"}""", "{}", "00")]
    [InlineData("""{"type":"array","items":"string"}""", """["a","b"]""", "040261026200")]
    [InlineData("""{"type":"array","items":"string"}""", "[]", "00")]
    [InlineData("""["null","string"]""", "\"a\"", "0261")]
    [InlineData("""["string","null"]""", "\"a\"", "0261")]
    [InlineData("""["string"]""", "\"a\"", "0261")]
    [InlineData(Suit, "\"SPADES\"", "00")]
    [InlineData(Pair, """{"foo":"a","baz":"b"}""", "02610262")]
    [InlineData("""{"type":"array","items":{"type":"record","name":"R","fields":[{"name":"f","type":["null","int"],"default":null}]}}""", """[{"f":1},{}]""", "040202" + "0000")]
    public void Values_AreWritten(string schema, string json, string expected) => Assert.Equal(expected, Convert(schema, json, new ConversionRules()));

    [Theory]
    [InlineData("\"null\"", "\"not null\"")]
    [InlineData(Suit, "\"RAKES\"")]
    [InlineData("""{"type":"map","values":"string"}""", "\"text\"")]
    [InlineData("""{"type":"array","items":"string"}""", "\"a value\"")]
    [InlineData("\"string\"", """["a value"]""")]
    [InlineData(Pair, "\"text\"")]
    public void WhatDoesNotFit_IsAMismatch(string schema, string json) => Assert.Equal("mismatch", Convert(schema, json, new ConversionRules()));

    [Theory]
    [InlineData("\"null\"", "null")]
    [InlineData("""["null","string"]""", "null")]
    [InlineData("""["string","null"]""", "null")]
    public void Null_IsNoValue(string schema, string json) => Assert.Equal("null", Convert(schema, json, new ConversionRules()));

    [Fact]
    public void SingleValue_IsWrappedWhenAsked() =>
        Assert.Equal("020e612076616c756500", Convert("""{"type":"array","items":"string"}""", "\"a value\"", new ConversionRules { WrapsSingleValues = true }));

    [Fact]
    public void SingleElement_IsUnwrappedWhenAsked() =>
        Assert.Equal("0e612076616c7565", Convert("\"string\"", """["a value"]""", new ConversionRules { UnwrapsSingleElements = true }));

    [Fact]
    public void UnknownSymbol_IsNullWhenAsked() =>
        Assert.Equal("null", Convert($"""[{Suit},"null"]""", "\"RAKES\"", new ConversionRules { TakesUnknownSymbolsAsNull = true }));

    [Theory]
    [InlineData("""{"foo":"a","extraField":1,"baz":"b"}""")]
    [InlineData("""{"foo":"a","extraField":{"foo":"x","baz":"y"},"baz":"b"}""")]
    [InlineData("""{"foo":"a","baz":"b","extraField":{"foo":"x"}}""")]
    public void UnknownMembers_AreIgnoredOrRefused(string json)
    {
        Assert.Equal("02610262", Convert(Pair, json, new ConversionRules()));
        Assert.Equal("mismatch", Convert(Pair, json, new ConversionRules { RefusesUnknownMembers = true }));
    }

    [Theory]
    [InlineData("""["string","int"]""")]
    [InlineData("""["string","int","long"]""")]
    [InlineData("""{"type":"array","items":["null","int","long"]}""")]
    public void UnionsOfSeveralValues_AreRefused(string schema) => Assert.NotNull(JsonConversion.FindUnsupportedUnion(Field(schema)));

    [Fact]
    public void RecursiveRecords_Convert()
    {
        const string Schema = """{"type":"record","name":"N","fields":[{"name":"field1","type":["null","string"],"default":null},{"name":"nested","type":["null","N"],"default":null}]}""";

        Assert.Equal("0202610202026202" + "02026300", Convert(Schema, """{"field1":"a","nested":{"field1":"b","nested":{"field1":"c"}}}""", new ConversionRules()));
    }

    [Fact]
    public void MandatoryFieldMissing_IsFatal() => Assert.StartsWith("fatal: field baz", Convert(Pair, """{"foo":"a"}""", new ConversionRules()), StringComparison.Ordinal);

    private static AvroSchema Field(string schema) => AvroSchemaParser.Parse(
        Encoding.UTF8.GetBytes($$"""{"type":"record","name":"Outer","fields":[{"name":"value","type":{{schema}}}]}"""), toleratesDefaults: false, out _).Fields[0].Schema;

    private static string Convert(string schema, string json, ConversionRules rules)
    {
        var scope = new MappedEventScope(new AFrame { Parameters = json, ParametersFormat = ParametersFormat.Json });
        var mapped = scope.Mapped;
        var source = new TextSlice(null, mapped.Frame.OffsetOf(FrameSlot.Parameters), mapped.Frame[FrameSlot.Parameters].Length);
        Assert.True(JsonTextReader.TryRead(mapped, source, out var node));
        var outcome = new JsonConversion(Field(schema), rules).Convert(node, mapped, out var encoded, out var problem);
        return outcome switch
        {
            ConversionOutcome.Written => System.Convert.ToHexStringLower(mapped.Read(encoded)),
            ConversionOutcome.Null => "null",
            ConversionOutcome.Mismatch => "mismatch",
            _ => $"fatal: {problem}",
        };
    }
}
