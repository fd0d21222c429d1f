using System.Text;
using Avro.Generic;
using Avro.IO;
using CsCheck;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Schemas;
using Xunit;

namespace Divolte.Grains.Tests.Schemas;

/// <summary>The encoder writes what the Avro library writes, for any schema and value.</summary>
public class RecordEncoderTests
{
    private static readonly Gen<object> Scalar = Gen.OneOf<object>(
        Gen.Bool.Select(value => (object)value),
        Gen.Int.Select(value => (object)value),
        Gen.Long.Select(value => (object)value),
        Gen.Float.Select(value => (object)value),
        Gen.Double.Select(value => (object)value),
        Gen.String[0, 20].Select(value => (object)Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value))));

    /// <summary>A field: its value, whether it is in a union, whether null comes first, whether it is set.</summary>
    private static readonly Gen<(object Value, int Shape, bool IsSet)> Field = Gen.Select(Scalar, Gen.Int[0, 2], Gen.Bool);

    [Fact]
    public void AnyRecord_IsWrittenAsTheLibraryWritesIt() => Field.Array[0, 12].Sample(fields =>
    {
        var json = SchemaOf(fields);
        var schema = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(json), toleratesDefaults: false, out _);
        var values = new RecordFields(fields.Length);
        for (var index = 0; index < fields.Length; index++)
        {
            if (fields[index].IsSet)
                Set(values, index, fields[index].Value);
        }
        using var output = new FrameBuffer();
        Assert.True(new RecordEncoder(schema).TryEncode(values, default, output, out var explanation), explanation);

        Assert.Equal(Convert.ToHexString(WriteWithLibrary(json, fields)), Convert.ToHexString(output.Written));
    });

    [Fact]
    public void MandatoryFieldThatIsNotSet_IsNamed()
    {
        var schema = AvroSchemaParser.Parse("""{"type":"record","name":"R","fields":[{"name":"m","type":["null","string"]}]}"""u8, toleratesDefaults: false, out _);
        using var output = new FrameBuffer();

        Assert.False(new RecordEncoder(schema).TryEncode(new RecordFields(1), default, output, out var explanation));
        Assert.Equal("Field m is not set and has no default.", explanation);
        Assert.Equal(0, output.Length);
    }

    private static string SchemaOf((object Value, int Shape, bool IsSet)[] fields)
    {
        var parts = fields.Select((field, index) =>
        {
            var type = $"\"{TypeOf(field.Value)}\"";
            var value = System.Text.Json.JsonSerializer.Serialize(DefaultOf(field.Value));
            return field.Shape switch
            {
                0 => $$"""{"name":"f{{index}}","type":{{type}},"default":{{value}}}""",
                1 => $$"""{"name":"f{{index}}","type":["null",{{type}}],"default":null}""",
                _ => $$"""{"name":"f{{index}}","type":[{{type}},"null"],"default":{{value}}}""",
            };
        });
        return $$"""{"type":"record","name":"R","fields":[{{string.Join(',', parts)}}]}""";
    }

    private static string TypeOf(object value) => value switch
    {
        bool => "boolean",
        int => "int",
        long => "long",
        float => "float",
        double => "double",
        _ => "string",
    };

    private static object DefaultOf(object value) => value switch
    {
        bool => true,
        string => "default",
        _ => 7,
    };

    private static void Set(RecordFields values, int index, object value)
    {
        switch (value)
        {
            case bool flag: values.SetBoolean(index, flag); break;
            case int number: values.SetLong(index, number); break;
            case long number: values.SetLong(index, number); break;
            case float number: values.SetFloat(index, number); break;
            case double number: values.SetDouble(index, number); break;
            default: values.SetText(index, TextSlice.Of(Encoding.UTF8.GetBytes((string)value))); break;
        }
    }

    private static byte[] WriteWithLibrary(string json, (object Value, int Shape, bool IsSet)[] fields)
    {
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(json);
        var record = new GenericRecord(schema);
        for (var index = 0; index < fields.Length; index++)
        {
            object? unset = fields[index].Shape == 1 ? null : fields[index].Value switch
            {
                int => 7,
                long => 7L,
                float => 7f,
                double => 7d,
                var other => DefaultOf(other),
            };
            record.Add($"f{index}", fields[index].IsSet ? fields[index].Value : unset);
        }
        using var stream = new MemoryStream();
        var encoder = new BinaryEncoder(stream);
        new GenericDatumWriter<GenericRecord>(schema).Write(record, encoder);
        encoder.Flush();
        return stream.ToArray();
    }
}
