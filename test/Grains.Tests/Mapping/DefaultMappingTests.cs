using Avro;
using Avro.Generic;
using Avro.IO;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.TestKit.Events;
using Xunit;

namespace Divolte.Grains.Tests.Mapping;

public class DefaultMappingTests
{
    private static readonly CachedUserAgents UserAgents = new(cacheSize: 16, seed: 1);

    private static readonly MappingOptions Options = new() { Name = "default", Sources = ["browser", "mobile"], Sinks = ["kafka"] };

    [Fact]
    public void PageView_FillsTheBuiltInSchema()
    {
        var record = Map(AFrame.PageView() with { Flags = FrameFlags.Corrupt });

        Assert.Equal(false, record["detectedDuplicate"]);
        Assert.Equal(true, record["detectedCorruption"]);
        Assert.Equal(false, record["firstInSession"]);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123).UtcDateTime, record["timestamp"]);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000).UtcDateTime, record["clientTimestamp"]);
        Assert.Equal("127.0.0.1", record["remoteHost"]);
        Assert.Equal("https://www.example.com/products/shoes?colour=red&size=42#reviews", record["location"]);
        Assert.Equal(1280, record["viewportPixelWidth"]);
        Assert.Equal(1080, record["screenPixelHeight"]);
        Assert.Equal("0:i0rjfnxc:JLOvH9Nda2c1uV8M~vmdhPGFEC3WxVNq", record["partyId"]);
        Assert.Equal("pageView", record["eventType"]);
        Assert.StartsWith("Mozilla/5.0 (Macintosh", (string)record["userAgentString"], StringComparison.Ordinal);
        Assert.Equal("Chrome", record["userAgentName"]);
        Assert.Equal("Chrome", record["userAgentFamily"]);
        Assert.Equal("Google Inc.", record["userAgentVendor"]);
        Assert.Equal("Browser", record["userAgentType"]);
        Assert.Equal("Personal computer", record["userAgentDeviceCategory"]);
        Assert.Equal("OS X", record["userAgentOsFamily"]);
        Assert.Equal("Apple Computer, Inc.", record["userAgentOsVendor"]);
    }

    [Fact]
    public void MissingTexts_TakeTheirDefaults()
    {
        var record = Map(new AFrame { Headers = [("user-AGENT", "caf\u00e9")] });

        Assert.Null(record["location"]);
        Assert.Null(record["viewportPixelWidth"]);
        Assert.Equal("unknown", record["eventType"]);
        Assert.Equal("café", record["userAgentString"]);
        Assert.Equal("unknown", record["userAgentName"]);
        Assert.Equal("", record["userAgentVersion"]);
    }

    [Fact]
    public void WithoutUserAgent_ItsFieldsAreNull()
    {
        var record = Map(new AFrame { Headers = [] });

        Assert.Null(record["userAgentName"]);
        Assert.Null(record["userAgentOsVendor"]);
    }

    [Fact]
    public void WithoutPeerAddress_IsUnmappableAndSaysWhy()
    {
        using var output = new FrameBuffer();
        var outcome = Mapper(Options).Map(EventFrameReader.Parse((new AFrame { RemoteHost = null }).Build()), output);

        Assert.Equal(DropReason.Unmappable, outcome.Reason);
        Assert.Equal("Field remoteHost is not set and has no default.", outcome.Explanation);
        Assert.Equal(0, output.Length);
    }

    [Theory]
    [InlineData(true, false, FrameFlags.Duplicate | FrameFlags.Corrupt, DropReason.DiscardedDuplicate)]
    [InlineData(false, true, FrameFlags.Duplicate | FrameFlags.Corrupt, DropReason.DiscardedCorrupt)]
    [InlineData(true, true, FrameFlags.None, DropReason.None)]
    [InlineData(false, false, FrameFlags.Duplicate | FrameFlags.Corrupt, DropReason.None)]
    public void DiscardSwitches_DropFlaggedEvents(bool duplicates, bool corrupted, FrameFlags flags, DropReason expected)
    {
        using var output = new FrameBuffer();
        var mapper = Mapper(Options with { DiscardDuplicates = duplicates, DiscardCorrupted = corrupted });

        var outcome = mapper.Map(EventFrameReader.Parse((AFrame.PageView() with { Flags = flags }).Build()), output);

        Assert.Equal(expected, outcome.Reason);
        Assert.Equal(expected == DropReason.None, output.Length > 0);
    }

    [Fact]
    public void Sources_AreThoseOfTheMapping()
    {
        var mapper = Mapper(Options);

        Assert.True(mapper.Takes("mobile"u8));
        Assert.False(mapper.Takes("Mobile"u8));
    }

    [Fact]
    public void MappingAnEvent_DoesNotAllocate()
    {
        var mapper = Mapper(Options);
        var frame = AFrame.PageView().Build();
        using var output = new FrameBuffer(64 * 1024);
        for (var warmUp = 0; warmUp < 10; warmUp++)
            MapOnce(mapper, frame, output);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 1000; count++)
            MapOnce(mapper, frame, output);
        var perEvent = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;

        Assert.True(perEvent <= 64, $"{perEvent} bytes per event");
    }

    private static void MapOnce(EventMapper mapper, byte[] frame, FrameBuffer output)
    {
        output.Truncate();
        mapper.Map(EventFrameReader.Parse(frame), output);
    }

    private static GenericRecord Map(AFrame frame)
    {
        using var output = new FrameBuffer();
        var mapper = Mapper(Options);
        Assert.Equal(MapOutcome.Mapped, mapper.Map(EventFrameReader.Parse(frame.Build()), output));
        var schema = Schema.Parse(mapper.Schema.Json);
        using var stream = new MemoryStream(output.Written.ToArray());
        var record = new GenericDatumReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(stream));
        Assert.Equal(stream.Length, stream.Position);
        return record;
    }

    private static EventMapper Mapper(MappingOptions options) =>
        new MappingCatalog(new DivolteConfiguration { Mappings = [options] }, UserAgents).ForSink("kafka")[0];
}
