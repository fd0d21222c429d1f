using System.Text;
using Divolte.Grains.Schemas;
using Xunit;

namespace Divolte.Grains.Tests.Schemas;

public class AvroSchemaParserTests
{
    [Fact]
    public void Comments_AreAllowedAndLeftOutOfTheJson()
    {
        var schema = Parse("// first\n{\"type\": \"record\", /* why */ \"name\": \"R\",\n \"fields\": []} // end", out var json);

        Assert.Equal("R", schema.FullName);
        Assert.Equal("""{"type":"record","name":"R","fields":[]}""", json);
    }

    [Theory]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"x","type":["null","string"],"default":"other"}]}""", "field \"x\" of R: the default \"other\" does not fit the type [\"null\",\"string\"]; a default must be of the first branch of its union")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"x","type":"int","default":"1"}]}""", "field \"x\" of R: the default \"1\" does not fit the type \"int\"; change the default or the type")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"x","type":"Missing"}]}""", "the type \"Missing\" is not defined here or above")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"x","type":["int","int"]}]}""", "the union lists \"int\" twice")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"1x","type":"int"}]}""", "\"1x\" is no valid name")]
    [InlineData("\"string\"", "must be a record")]
    [InlineData("{ \"type\": ", "not valid JSON (line 1")]
    public void Mistakes_NameThePlaceAndTheFix(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<SchemaException>(() => Parse(text, out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void UnfitDefault_IsTakenByItsBranchWhenTolerated()
    {
        var schema = AvroSchemaParser.Parse(
            """{"type":"record","name":"R","fields":[{"name":"x","type":["null","string"],"default":"other"}]}"""u8, toleratesDefaults: true, out _);
        var buffer = new AvroBuffer();

        Assert.True(AvroDefault.TryWrite(schema.Fields[0].Default!.Value, schema.Fields[0].Schema, buffer));
        Assert.Equal("020a6f74686572", Convert.ToHexStringLower(buffer.Written));
    }

    [Fact]
    public void DefaultThatContainsItself_IsRefused() =>
        Assert.Throws<SchemaException>(() => Parse("""{"type":"record","name":"R","fields":[{"name":"r","type":"R","default":{}}]}""", out _));

    private static AvroSchema Parse(string text, out string json) => AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(text), toleratesDefaults: false, out json);
}
