using System.Diagnostics;
using System.Globalization;
using System.Text;
using Avro.Generic;
using Avro.IO;
using Divolte.Grains.Geo;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Divolte.TestKit.Events;
using Divolte.TestKit.Geo;

namespace Divolte.Benchmarks.Mapping;

/// <summary>
/// Mapping one event and encoding it: our built-in mapping, a script that takes location, cookie and parameters apart, one with a
/// remembered user agent, a place and three parameters, and beside them the Avro library's generic writer given the finished values of the built-in mapping.
/// </summary>
internal static class MappingBenchmark
{
    private const int Events = 300_000;
    private const int Rounds = 5;

    private const string Script = """
        mapping {
            map timestamp() onto 'timestamp'
            map location() onto 'location'
            def page = parse location() to uri
            map page.host() onto 'host'
            map page.path() onto 'path'
            map page.query().value('colour') onto 'colour'
            map cookie('theme') onto 'theme'
            map eventParameters().value('sku') onto 'sku'
            map eventParameters().path('$.items') onto 'items'
            when eventType().equalTo('pageView') apply { map true onto 'isPageView' }
        }
        """;

    private const string ScriptSchema = """
        {"type":"record","name":"R","fields":[
          {"name":"timestamp","type":"long"},
          {"name":"location","type":["null","string"],"default":null},
          {"name":"host","type":["null","string"],"default":null},
          {"name":"path","type":["null","string"],"default":null},
          {"name":"colour","type":["null","string"],"default":null},
          {"name":"theme","type":["null","string"],"default":null},
          {"name":"sku","type":["null","string"],"default":null},
          {"name":"items","type":["null",{"type":"array","items":"string"}],"default":null},
          {"name":"latitude","type":["null","double"],"default":null},
          {"name":"colour2","type":["null","string"],"default":null},
          {"name":"count","type":["null","int"],"default":null},
          {"name":"isPageView","type":"boolean","default":false}]}
        """;

    private const string GeoScript = """
        mapping {
            map timestamp() onto 'timestamp'
            map location() onto 'location'
            def agent = userAgent()
            map agent.family() onto 'theme'
            map agent.osFamily() onto 'colour2'
            def place = ip2geo()
            map place.countryCode() onto 'host'
            map place.cityName() onto 'path'
            map place.latitude() onto 'latitude'
            map eventParameters().value('sku') onto 'sku'
            map eventParameters().value('colour') onto 'colour'
            map eventParameters().path('$.count') onto 'count'
        }
        """;

    private const string Parameters = "(ssku!p-17!scolour!red!dcount!3!aitems!sa!sb!.)";

    private static readonly CachedUserAgents UserAgents = new(cacheSize: 1000, seed: 1);

    private static readonly GeoLookup Places = GeoLookup.Open(GeoDatabases.City);

    public static void Run(TextWriter output)
    {
        output.WriteLine("mapping: per event                               time      allocated");
        var options = new MappingOptions { Name = "benchmark", Sources = ["browser"], Sinks = ["sink"] };
        var builtIn = new MappingCatalog(new DivolteConfiguration { Mappings = [options] }, UserAgents).ForSink("sink")[0];
        var frame = (AFrame.PageView() with { Parameters = Parameters, ParametersFormat = ParametersFormat.Mincode }).Build();

        var (time, allocated) = Measure(output, "built-in mapping and our encoder", Mapper(builtIn, frame));
        Measure(output, "script with URI, cookie and parameters", Mapper(Compile(Script, options), frame));
        var geoFrame = (AFrame.PageView() with { Parameters = Parameters, ParametersFormat = ParametersFormat.Mincode, RemoteHost = "81.2.69.142" }).Build();
        Measure(output, "script with agent, place and three parameters", Mapper(Compile(GeoScript, options), geoFrame));
        var (libraryTime, libraryAllocated) = Measure(output, "Avro library's writer, values of the built-in", LibraryWriter(builtIn, frame));
        Measure(output, "Avro library's writer, values of the last", LibraryWriter(Compile(GeoScript, options), geoFrame));
        Scorecard.Add("mapping one event with the default mapping and encoding it", time / 1000, "µs", 3, 2, $"Avro library's generic writer alone: {libraryTime / 1000:0.00} µs");
        Scorecard.Add("the same: allocated", allocated, "bytes", 500, 500, $"Avro library's generic writer alone: {libraryAllocated:0} bytes");
    }

    private static Action Mapper(EventMapper mapper, byte[] frame)
    {
        var buffer = new FrameBuffer(64 * 1024);
        return () =>
        {
            buffer.Truncate();
            mapper.Map(EventFrameReader.Parse(frame), buffer);
        };
    }

    private static EventMapper Compile(string script, MappingOptions options)
    {
        var schema = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(ScriptSchema), toleratesDefaults: false, out var json);
        var context = new MappingContext(schema, new Enrichment(UserAgents, Places));
        var program = ScriptEvaluator.Compile(new ScriptSource("benchmark.groovy", script), context);
        return new EventMapper(options, new MappingSchema("benchmark", json, null), program, new RecordEncoder(schema));
    }

    private static Action LibraryWriter(EventMapper mapper, byte[] frame)
    {
        using var once = new FrameBuffer();
        mapper.Map(EventFrameReader.Parse(frame), once);
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(mapper.Schema.Json.Replace("\"logicalType\"", "\"other\"", StringComparison.Ordinal));
        var record = new GenericDatumReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(new MemoryStream(once.Written.ToArray())));
        var writer = new GenericDatumWriter<GenericRecord>(schema);
        var stream = new MemoryStream(64 * 1024);
        var encoder = new BinaryEncoder(stream);
        return () =>
        {
            stream.Position = 0;
            writer.Write(record, encoder);
        };
    }

    private static (double Nanoseconds, double Bytes) Measure(TextWriter output, string what, Action once)
    {
        for (var warmUp = 0; warmUp < Events / 4; warmUp++)
            once();
        var best = double.MaxValue;
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var count = 0; count < Events; count++)
                once();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Events);
        }
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / (double)(Events * Rounds);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-46} {best,6:F0} ns {allocated,8:F0} bytes"));
        return (best, allocated);
    }
}
