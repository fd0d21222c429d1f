using System.Text;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping;

/// <summary>What mapping one event by a script may allocate.</summary>
public class ScriptAllocationTests
{
    private const int BytesMax = 200;

    private const string Schema = """
        {"type":"record","name":"R","fields":[
          {"name":"host","type":["null","string"],"default":null},
          {"name":"colour","type":["null","string"],"default":null},
          {"name":"theme","type":["null","string"],"default":null},
          {"name":"sku","type":["null","string"],"default":null},
          {"name":"items","type":["null",{"type":"array","items":"string"}],"default":null},
          {"name":"isPageView","type":"boolean","default":false}]}
        """;

    private const string Script = """
        mapping {
          def page = parse location() to uri
          map page.host() onto 'host'
          map page.query().value('colour') onto 'colour'
          map cookie('theme') onto 'theme'
          map eventParameters().value('sku') onto 'sku'
          map eventParameters().path('$.items') onto 'items'
          when eventType().equalTo('pageView') apply { map true onto 'isPageView' }
        }
        """;

    [Fact]
    public void ManyEvents_HardlyAllocate()
    {
        var schema = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(Schema), toleratesDefaults: false, out var json);
        var program = ScriptEvaluator.Compile(new ScriptSource("test.groovy", Script), new MappingContext(schema, new Enrichment(NoUserAgents.Instance, null)));
        var mapper = new EventMapper(
            new MappingOptions { Name = "test", Sources = [], Sinks = [] }, new MappingSchema("test", json, null), program, new RecordEncoder(schema));
        var frame = (AFrame.PageView() with { Parameters = "(ssku!p-17!aitems!sa!sb!.)", ParametersFormat = ParametersFormat.Mincode }).Build();
        using var output = new FrameBuffer();
        Assert.Equal(1000, MapTimes(1000));

        var before = GC.GetAllocatedBytesForCurrentThread();
        MapTimes(1000);
        var perEvent = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;

        Assert.True(perEvent <= BytesMax, $"{perEvent} bytes");

        int MapTimes(int times)
        {
            var mapped = 0;
            for (var count = 0; count < times; count++)
            {
                output.Truncate();
                mapped += mapper.Map(EventFrameReader.Parse(frame), output).Reason == DropReason.None ? 1 : 0;
            }
            return mapped;
        }
    }
}
