using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Avro.Generic;
using Avro.IO;
using Divolte.Grains.Schemas;
using Divolte.Silo.Cat;
using Xunit;

namespace Divolte.Silo.Tests.Cat;

/// <summary>Values are encoded by the Apache.Avro library.</summary>
public sealed class AvroJsonTests
{
    [Theory]
    [InlineData("\"boolean\"", true, "true")]
    [InlineData("\"int\"", -5, "-5")]
    [InlineData("\"long\"", long.MinValue, "-9223372036854775808")]
    [InlineData("\"float\"", 1.5f, "1.5")]
    [InlineData("\"double\"", 0.1, "0.1")]
    [InlineData("\"double\"", double.NaN, "\"NaN\"")]
    [InlineData("\"float\"", float.NegativeInfinity, "\"-Infinity\"")]
    [InlineData("\"string\"", "a \u00fc", "\"a \u00fc\"")]
    [InlineData("[\"null\",\"string\"]", null, "null")]
    [InlineData("[\"null\",\"string\"]", "x", "\"x\"")]
    [InlineData("""{"type":"long","logicalType":"timestamp-micros-of-ours"}""", 7L, "7")]
    public void ScalarField_IsItsValue(string type, object? value, string expected)
    {
        var schemaJson = $$"""{"type":"record","name":"R","fields":[{"name":"f","type":{{type}}}]}""";

        Assert.Equal($$"""{"f":{{expected}}}""", Print(schemaJson, Encode(schemaJson, value)));
    }

    [Fact]
    public void BytesAndFixed_AreACharacterPerByte()
    {
        const string bytes = """{"type":"record","name":"R","fields":[{"name":"f","type":"bytes"}]}""";
        const string @fixed = """{"type":"record","name":"R","fields":[{"name":"f","type":{"type":"fixed","name":"F","size":3}}]}""";

        Assert.Equal("{\"f\":\"a\u00ff\\u0000\"}", Print(bytes, [6, 0x61, 0xff, 0]));
        Assert.Equal("{\"f\":\"a\u00ff\\u0000\"}", Print(@fixed, [0x61, 0xff, 0]));
    }

    [Fact]
    public void ArraysAndMaps_MayComeInSizedParts()
    {
        const string schema = """
            {"type":"record","name":"R","fields":[
              {"name":"array","type":{"type":"array","items":"int"}},
              {"name":"map","type":{"type":"map","values":"int"}},
              {"name":"symbol","type":{"type":"enum","name":"E","symbols":["A","B"]}}]}
            """;
        // array: a part of one (with its size of one byte) and one of two; map: one entry; enum: second symbol
        byte[] value = [1, 2, 2, 4, 4, 6, 0, 2, 2, (byte)'k', 14, 0, 2];

        Assert.Equal("""{"array":[1,2,3],"map":{"k":7},"symbol":"B"}""", Print(schema, value));
    }

    [Theory]
    [InlineData("\"string\"", new byte[] { 200, 1, 65 })] // longer than what is left
    [InlineData("\"string\"", new byte[] { 1 })] // negative length
    [InlineData("\"long\"", new byte[] { 0x80 })] // cut short
    [InlineData("[\"null\",\"int\"]", new byte[] { 8, 0 })] // no such branch
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", new byte[] { 2 })] // no such symbol
    [InlineData("""{"type":"array","items":"null"}""", new byte[] { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0 })] // more nulls than anybody wants
    public void ImpossibleBytes_AreNamed(string type, byte[] value)
    {
        var schemaJson = $$"""{"type":"record","name":"R","fields":[{"name":"f","type":{{type}}}]}""";

        Assert.Throws<InvalidDataException>(() => Print(schemaJson, value));
    }

    [Fact]
    public void EndlessNesting_IsRefused()
    {
        const string schema = """{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}""";

        Assert.Equal("""{"next":{"next":null}}""", Print(schema, [2, 0]));
        Assert.Throws<InvalidDataException>(() => Print(schema, [.. Enumerable.Repeat((byte)2, 100_000)]));
    }

    private static string Print(string schemaJson, byte[] value)
    {
        var schema = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(schemaJson), toleratesDefaults: true, out _);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Assert.Equal(value.Length, AvroJson.Write(schema, value, json));
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static byte[] Encode(string schemaJson, object? value)
    {
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(schemaJson.Replace(",\"logicalType\":\"timestamp-micros-of-ours\"", "", StringComparison.Ordinal));
        var record = new GenericRecord(schema);
        record.Add("f", value);
        using var stream = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(record, new BinaryEncoder(stream));
        return stream.ToArray();
    }
}
