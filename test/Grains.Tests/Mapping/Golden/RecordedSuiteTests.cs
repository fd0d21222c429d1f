using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Avro;
using Avro.Generic;
using Avro.IO;
using Divolte.Grains.Geo;
using Divolte.Grains.Interfaces.Configuration;
using Divolte.Grains.Interfaces.Deduplication;
using Divolte.Grains.Interfaces.Events;
using Divolte.Grains.Mapping;
using Divolte.Grains.Mapping.Producers;
using Divolte.Grains.Mapping.Script;
using Divolte.Grains.Schemas;
using Divolte.TestKit.Geo;
using Xunit;

namespace Divolte.Grains.Tests.Mapping.Golden;

/// <summary>Every recorded script gives the recorded bytes for every recorded event.</summary>
public class RecordedSuiteTests
{
    /// <summary>What needs data that the unit tests do not have; the replay against a whole server covers it.</summary>
    private static readonly string[] NeedOtherData = ["user-agent"];

    public static TheoryData<string> Suites => [.. Recordings.All.Suites.Except(NeedOtherData)];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Suite_GivesTheRecordedRecords(string suite)
    {
        var differences = new List<string>();
        foreach (var mapping in Recordings.All.MappingsOf(suite))
            Compare(suite, mapping, differences);

        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(60))}");
    }

    private static void Compare(string suite, string mapping, List<string> differences)
    {
        EventMapper mapper;
        try
        {
            mapper = Compile(suite, mapping);
        }
        catch (Exception exception) when (exception is MappingException or SchemaException)
        {
            differences.Add($"{mapping}: {exception.Message}");
            return;
        }
        var events = Recordings.All.Lines($"suites/{suite}/events.jsonl").ToDictionary(line => line.GetProperty("name").GetString()!);
        var corrupt = CorruptEvents(suite);
        var seen = new HashSet<string>();
        var frames = events.ToDictionary(entry => entry.Key, entry =>
        {
            var frame = RecordedRequest.ToFrame(entry.Value);
            if (frame is not null && corrupt.Contains(entry.Key))
                frame = frame with { Flags = frame.Flags | FrameFlags.Corrupt };
            return frame is null || seen.Add(frame.PartyId + frame.SessionId + frame.EventId) ? frame : frame with { Flags = frame.Flags | FrameFlags.Duplicate };
        });
        foreach (var line in Recordings.All.Lines($"suites/{suite}/records.jsonl"))
        {
            if (line.GetProperty("mapping").GetString() != mapping)
                continue;
            var name = line.GetProperty("event").GetString()!;
            if (frames[name] is not { } frame || IsDroppedAtTheEdge(line, suite))
                continue;
            using var output = new FrameBuffer();
            var outcome = mapper.Map(EventFrameReader.Parse(frame.Build()), output);
            var expected = line.TryGetProperty("avro", out var hex) && hex.ValueKind == JsonValueKind.String ? hex.GetString() : null;
            var actual = outcome.Reason == DropReason.None ? Convert.ToHexStringLower(output.Written) : null;
            if (actual == expected || expected is not null && actual is not null && AreEquivalent(mapper.Schema.Json, expected, actual, line))
                continue;
            if (IsRepaired(line, suite))
                continue;
            differences.Add($"{mapping} {name}: expected {line.GetProperty("record").GetRawText()}, was {Describe(mapper.Schema.Json, actual)} {outcome.Explanation}");
        }
    }

    /// <summary>The frontend judges checksums; here the recording tells which were wrong.</summary>
    private static HashSet<string> CorruptEvents(string suite) => Recordings.All.Lines($"suites/{suite}/records.jsonl")
        .Where(line => line.GetProperty("mapping").GetString() == "corrupt" && line.GetProperty("record").ValueKind != JsonValueKind.Null)
        .Where(line => line.GetProperty("record").GetProperty("b1").GetProperty("boolean").GetBoolean())
        .Select(line => line.GetProperty("event").GetString()!)
        .ToHashSet();

    /// <summary>No record and no failure: the frontend took no event from the request. Only where mappings discard events it can mean that.</summary>
    private static bool IsDroppedAtTheEdge(JsonElement line, string suite) =>
        suite != "flags-and-discarding" && line.GetProperty("record").ValueKind == JsonValueKind.Null && !line.TryGetProperty("error", out _);

    /// <summary>Where the recorded server loses an event by a mistake of its own, which is not repeated.</summary>
    private static bool IsRepaired(JsonElement line, string suite) =>
        suite == "cookies" && line.GetProperty("record").ValueKind == JsonValueKind.Null && line.TryGetProperty("error", out _);

    private static EventMapper Compile(string suite, string mapping)
    {
        var schema = AvroSchemaParser.Parse(Recordings.All.Bytes($"suites/{suite}/{mapping}.avsc"), toleratesDefaults: false, out var json);
        var context = new MappingContext(schema, new Enrichment(new UnknownUserAgents(), GeoLookup.Open(GeoDatabases.City)));
        var program = ScriptEvaluator.Compile(new ScriptSource($"{mapping}.groovy", Recordings.All.Text($"suites/{suite}/mappings/{mapping}.groovy")), context);
        var configuration = Recordings.All.Text($"suites/{suite}/divolte.conf").Split('\n').First(text => text.TrimStart().StartsWith($"{mapping} =", StringComparison.Ordinal));
        var options = new MappingOptions
        {
            Name = mapping,
            Sources = ["browser", "json"],
            Sinks = [],
            DiscardCorrupted = configuration.Contains("discard_corrupted = true", StringComparison.Ordinal),
            DiscardDuplicates = configuration.Contains("discard_duplicates = true", StringComparison.Ordinal),
        };
        return new EventMapper(options, new MappingSchema(mapping, json, null), program, new RecordEncoder(schema));
    }

    /// <summary>Equal but for the order of map entries and for fields that the recording marks as changing.</summary>
    private static bool AreEquivalent(string schema, string expected, string actual, JsonElement line)
    {
        var changing = line.TryGetProperty("volatile", out var paths) ? paths.EnumerateArray().Select(path => path.GetString()!).ToHashSet() : [];
        return Print(Decode(schema, expected), changing) == Print(Decode(schema, actual), changing);
    }

    private static string Describe(string schema, string? hex) => hex is null ? "no record" : Print(Decode(schema, hex), []);

    private static GenericRecord Decode(string json, string hex)
    {
        // Logical types only get in the way of comparing what was written.
        var schema = Avro.Schema.Parse(json.Replace("\"logicalType\"", "\"other\"", StringComparison.Ordinal).Replace("\"type\":\"error\"", "\"type\":\"record\"", StringComparison.Ordinal));
        using var stream = new MemoryStream(Convert.FromHexString(hex));
        return new GenericDatumReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(stream));
    }

    private static string Print(object? value, HashSet<string> changing) => value switch
    {
        null => "null",
        GenericRecord record => $"{{{string.Join(", ", record.Schema.Fields.Where(field => !changing.Contains(field.Name)).Select(field => $"{field.Name}: {Print(record[field.Name], [])}"))}}}",
        IDictionary<string, object> map => $"{{{string.Join(", ", map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {Print(entry.Value, [])}"))}}}",
        GenericFixed bytes => Convert.ToHexString(bytes.Value),
        byte[] bytes => Convert.ToHexString(bytes),
        string text => $"\"{text}\"",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(item => Print(item, [])))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private sealed class UnknownUserAgents : IUserAgents
    {
        private static readonly UserAgentTexts Unknown = new([], [], [], [], [], [], [], [], []);

        public UserAgentTexts? Find(ReadOnlySpan<byte> header) => Unknown;
    }
}
