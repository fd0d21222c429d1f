using System.Text;
using Avro.Generic;
using Avro.IO;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping;

/// <summary>Runs a script on one event and reads the record back.</summary>
internal static class ScriptedRecord
{
    private static readonly string SchemaText = $$"""
        {"type":"record","name":"R","fields":[{{string.Join(',', Fields())}}]}
        """;

    private static IEnumerable<string> Fields()
    {
        foreach (var (prefix, type) in new[] { ("s", "string"), ("i", "int"), ("l", "long"), ("d", "double"), ("b", "boolean"), ("y", "bytes") })
        {
            for (var number = 1; number <= 4; number++)
                yield return $$"""{"name":"{{prefix}}{{number}}","type":["null","{{type}}"],"default":null}""";
        }
        yield return """{"name":"list","type":["null",{"type":"array","items":"string"}],"default":null}""";
    }

    /// <summary>The record of an event; fields <c>s1</c> to <c>s4</c> are strings, <c>i</c> ints, <c>l</c> longs, <c>d</c> doubles, <c>b</c> booleans, <c>y</c> bytes.</summary>
    public static GenericRecord Map(string script, AFrame? frame = null, bool repeatsDigestPieces = false)
    {
        var schema = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(SchemaText), toleratesDefaults: false, out var json);
        var enrichment = new Enrichment(NoUserAgents.Instance, null) { RepeatsDigestPieces = repeatsDigestPieces };
        var program = ScriptEvaluator.Compile(new ScriptSource("test.groovy", script), new MappingContext(schema, enrichment));
        var mapper = new EventMapper(
            new MappingOptions { Name = "test", Sources = [], Sinks = [] }, new MappingSchema("test", json, null), program, new RecordEncoder(schema));
        using var output = new FrameBuffer();
        Assert.Equal(MapOutcome.Mapped, mapper.Map(EventFrameReader.Parse((frame ?? AFrame.PageView()).Build()), output));
        var avro = Avro.Schema.Parse(json);
        using var stream = new MemoryStream(output.Written.ToArray());
        return new GenericDatumReader<GenericRecord>(avro, avro).Read(null!, new BinaryDecoder(stream));
    }
}
