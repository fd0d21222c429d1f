using Avro.Generic;
using Avro.IO;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Silo.Live;
using Xunit;

namespace Divolte.Silo.Tests.Live;

public sealed class RecordMaskTests
{
    private const string Schema = """
        {"type":"record","name":"R","fields":[
          {"name":"party","type":["null","string"]},{"name":"customer","type":"long"},{"name":"latitude","type":"double"},{"name":"isNew","type":"boolean"},
          {"name":"kind","type":{"type":"enum","name":"K","symbols":["pageView"]}},{"name":"parameters","type":{"type":"map","values":"string"}}]}
        """;

    [Theory]
    [InlineData("", "")]
    [InlineData("7", "7")]
    [InlineData("42", "… (2)")]
    [InlineData("abc", "a… (3)")]
    [InlineData("192.168.1.20", "192… (12)")]
    [InlineData("ab\U0001F600cdef", "ab… (8)")] // half a character is none
    public void Text_KeepsItsFirstCharactersAndLength(string text, string expected) => Assert.Equal(expected, RecordMask.Mask(text));

    [Fact]
    public void Record_KeepsNamesEnumsAndBooleansOnly()
    {
        var sample = new RecordSample("kafka", "clicks", Schema, Encode(), DateTimeOffset.UnixEpoch);

        var shown = new RecordMask().Show(sample);

        Assert.Equal(
            """{"party":"0:i… (14)","customer":"123… (8)","latitude":"52… (6)","isNew":true,"kind":"pageView","parameters":{"em… (5)":"joh… (16)"}}""",
            shown.ToString()!.Replace("\\u2026", "…", StringComparison.Ordinal));
    }

    [Fact]
    public void MoreSchemasThanAreKept_AreShownAllTheSame()
    {
        var mask = new RecordMask();

        var shown = Enumerable.Range(0, RecordMask.SchemasMax + 10).Select(number => mask.Show(new RecordSample(
            "kafka", "clicks", $$"""{"type":"record","name":"R{{number}}","fields":[{"name":"f{{number}}","type":"boolean"}]}""", [1], DateTimeOffset.UnixEpoch)));

        Assert.All(shown, (record, number) => Assert.Equal($$"""{"f{{number}}":true}""", record.ToString()));
    }

    [Fact]
    public void BytesThatAreNoRecord_AreNotShown() =>
        Assert.Null(new RecordMask().Show(new RecordSample("kafka", "clicks", Schema, [2, 200], DateTimeOffset.UnixEpoch)));

    private static byte[] Encode()
    {
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(Schema);
        var record = new GenericRecord(schema);
        record.Add("party", "0:i1t84hgy:abc");
        record.Add("customer", 12345678L);
        record.Add("latitude", 52.374);
        record.Add("isNew", true);
        record.Add("kind", new GenericEnum((Avro.EnumSchema)schema["kind"].Schema, "pageView"));
        record.Add("parameters", new Dictionary<string, object> { ["email"] = "john@example.com" });
        using var bytes = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(record, new BinaryEncoder(bytes));
        return bytes.ToArray();
    }
}
