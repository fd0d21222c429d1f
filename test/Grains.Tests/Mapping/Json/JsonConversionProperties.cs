using System.Globalization;
using System.Text;
using System.Text.Json;
using Avro.Generic;
using Avro.IO;
using CsCheck;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Json;

/// <summary>Any schema, any JSON: what is written is what the Avro library writes of the same value, and can be read back by it to the last byte.</summary>
public class JsonConversionProperties
{
    /// <summary>A type: its schema, made with names that are used once, and values of it as JSON and as the library holds them.</summary>
    private sealed record TypeShape(Func<Names, string> Schema, Gen<(string Json, Func<Avro.Schema, object?> Value)> Values);

    private sealed class Names
    {
        private int _count;

        public string Next() => $"N{_count++}";
    }

    private static readonly Gen<string> Text = Gen.String[Gen.Char["abcé \"\\\n0"], 0, 8];

    [Fact]
    public void ValueOfTheType_IsWrittenAsTheLibraryWritesIt() => Typed(3).SelectMany(type => type.Values.Select(value => (type, value))).Sample((type, value) =>
    {
        var json = SchemaOf(type);

        var written = Map(json, value.Json, out var explanation);

        Assert.True(written is not null, explanation);
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(json);
        var record = new GenericRecord(schema);
        record.Add("value", value.Value(schema["value"].Schema));
        Assert.Equal(Convert.ToHexString(Write(record)), Convert.ToHexString(written!));
    }, iter: 2_000);

    [Fact]
    public void ValueOfAnotherType_IsRefusedOrWrittenAsTheLibraryReadsIt() => Gen.Select(Typed(3), Typed(3).SelectMany(type => type.Values)).Sample((type, value) =>
    {
        var json = SchemaOf(type);

        if (Map(json, value.Json, out _) is not { } written)
            return;
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(json);
        using var stream = new MemoryStream(written);
        var record = new GenericDatumReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(stream));
        Assert.Equal(written.Length, stream.Position);
        Assert.Equal(Convert.ToHexString(Write(record)), Convert.ToHexString(written));
    }, iter: 4_000);

    private static string SchemaOf(TypeShape type) => $$"""{"type":"record","name":"R","fields":[{"name":"value","type":{{type.Schema(new Names())}}}]}""";

    private static byte[]? Map(string json, string parameters, out string explanation)
    {
        var schema = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(json), toleratesDefaults: false, out _);
        var context = new MappingContext(schema, new Enrichment(NoUserAgents.Instance, null));
        var program = ScriptEvaluator.Compile(new ScriptSource("property.groovy", "mapping { map eventParameters() onto 'value' }"), context);
        var mapper = new EventMapper(
            new MappingOptions { Name = "property", Sources = [], Sinks = [] }, new MappingSchema("property", json, null), program, new RecordEncoder(schema));
        using var output = new FrameBuffer();
        var frame = new AFrame { Parameters = parameters, ParametersFormat = ParametersFormat.Json };
        var outcome = mapper.Map(EventFrameReader.Parse(frame.Build()), output);
        explanation = outcome.Explanation;
        Assert.DoesNotContain("Unexpected", explanation, StringComparison.Ordinal);
        return outcome.Reason == DropReason.None ? output.Written.ToArray() : null;
    }

    private static byte[] Write(GenericRecord record)
    {
        using var stream = new MemoryStream();
        var encoder = new BinaryEncoder(stream);
        new GenericDatumWriter<GenericRecord>(record.Schema).Write(record, encoder);
        encoder.Flush();
        return stream.ToArray();
    }

    private static Gen<TypeShape> Typed(int depth)
    {
        TypeShape[] scalars =
        [
            Scalar("boolean", Gen.Bool, value => value ? "true" : "false"),
            Scalar("int", Gen.Int, value => value.ToString(CultureInfo.InvariantCulture)),
            Scalar("long", Gen.Long, value => value.ToString(CultureInfo.InvariantCulture)),
            Scalar("float", Gen.Float.Where(float.IsFinite), value => Fraction(value)),
            Scalar("double", Gen.Double.Where(double.IsFinite), Fraction),
            Scalar("string", Text, value => JsonSerializer.Serialize(value)),
            Scalar("bytes", Gen.Byte.Array[0, 6], value => JsonSerializer.Serialize(value)),
            Enumeration(),
            Fixed(),
        ];
        var scalar = Gen.Int[0, scalars.Length - 1].Select(index => scalars[index]);
        if (depth == 0)
            return scalar;
        var inner = Typed(depth - 1);
        return Gen.OneOf(scalar, inner.Select(ArrayOf), inner.Select(MapOf), inner.Array[0, 3].Select(RecordOf), Gen.Select(inner, Gen.Bool, NullableOf));
    }

    /// <summary>A number that JSON readers take for a fraction: whole ones have no negative zero.</summary>
    private static string Fraction(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    private static TypeShape Scalar<T>(string type, Gen<T> values, Func<T, string> print) =>
        new(_ => $"\"{type}\"", values.Select(value => (print(value), (Func<Avro.Schema, object?>)(_ => value))));

    private static TypeShape Enumeration() => new(
        names => $$"""{"type":"enum","name":"{{names.Next()}}","symbols":["A","B","C"]}""",
        Gen.Int[0, 2].Select(index => "ABC".Substring(index, 1)).Select(symbol => ($"\"{symbol}\"", (Func<Avro.Schema, object?>)(schema => new GenericEnum((Avro.EnumSchema)schema, symbol)))));

    private static TypeShape Fixed() => new(
        names => $$"""{"type":"fixed","name":"{{names.Next()}}","size":3}""",
        Gen.Byte.Array[3].Select(bytes => (
            JsonSerializer.Serialize(bytes), (Func<Avro.Schema, object?>)(schema => new GenericFixed((Avro.FixedSchema)schema, bytes)))));

    private static TypeShape ArrayOf(TypeShape items) => new(
        names => $$"""{"type":"array","items":{{items.Schema(names)}}}""",
        items.Values.Array[0, 3].Select(values => (
            $"[{string.Join(',', values.Select(value => value.Json))}]",
            (Func<Avro.Schema, object?>)(schema => values.Select(value => value.Value(((Avro.ArraySchema)schema).ItemSchema)).ToArray()))));

    private static TypeShape MapOf(TypeShape items) => new(
        names => $$"""{"type":"map","values":{{items.Schema(names)}}}""",
        items.Values.Array[0, 3].Select(values => (
            $"{{{string.Join(',', values.Select((value, index) => $"\"k{index}\":{value.Json}"))}}}",
            (Func<Avro.Schema, object?>)(schema => values.Index().ToDictionary(entry => $"k{entry.Index}", entry => entry.Item.Value(((Avro.MapSchema)schema).ValueSchema)!)))));

    private static TypeShape RecordOf(TypeShape[] fields) => new(
        names => $$"""{"type":"record","name":"{{names.Next()}}","fields":[{{string.Join(',', fields.Select((field, index) => $$"""{"name":"f{{index}}","type":{{field.Schema(names)}}}"""))}}]}""",
        ValuesOf(fields).Select(values => (
            $"{{{string.Join(',', values.Select((value, index) => $"\"f{index}\":{value.Json}"))}}}",
            (Func<Avro.Schema, object?>)(schema =>
            {
                var record = new GenericRecord((Avro.RecordSchema)schema);
                for (var index = 0; index < values.Count; index++)
                    record.Add($"f{index}", values[index].Value(record.Schema[$"f{index}"].Schema));
                return record;
            }))));

    private static Gen<IReadOnlyList<(string Json, Func<Avro.Schema, object?> Value)>> ValuesOf(TypeShape[] fields) => fields.Aggregate(
        Gen.Const<IReadOnlyList<(string, Func<Avro.Schema, object?>)>>([]),
        (all, field) => Gen.Select(all, field.Values, (values, value) => (IReadOnlyList<(string, Func<Avro.Schema, object?>)>)[.. values, value]));

    /// <summary>A union with null; a null in it stands for itself only where the type is none of those that make something of null.</summary>
    private static TypeShape NullableOf(TypeShape inner, bool nullFirst)
    {
        var schema = inner.Schema(new Names());
        if (schema.StartsWith('['))
            return inner;
        return new TypeShape(
            names => nullFirst ? $"[\"null\",{inner.Schema(names)}]" : $"[{inner.Schema(names)},\"null\"]",
            inner.Values.Select(value => (
                value.Json,
                (Func<Avro.Schema, object?>)(union => value.Value(((Avro.UnionSchema)union).Schemas.First(branch => branch.Tag != Avro.Schema.Type.Null))))));
    }
}
