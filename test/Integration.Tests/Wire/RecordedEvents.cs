using System.Collections;
using System.Text.Json;
using Avro.Generic;
using Divolte.TestKit.Wire;

namespace Divolte.Integration.Tests.Wire;

/// <summary>One message of a topic, decoded.</summary>
internal sealed record DeliveredRecord(string Topic, string Key, long KafkaTimestamp, GenericRecord Record);

/// <summary>Compares the events of a case with what was recorded of them.</summary>
/// <param name="wireCase">The case.</param>
/// <param name="began">When its first byte was sent.</param>
/// <param name="ended">When it was over.</param>
internal sealed class RecordedEvents(WireCase wireCase, DateTimeOffset began, DateTimeOffset ended)
{
    private const string ServerTime = "<server time within the request window>";

    private readonly List<WireDifference> _differences = [];

    /// <param name="delivered">What has arrived of this case.</param>
    /// <param name="topic">Name of the plain topic; others have a suffix.</param>
    public IReadOnlyList<WireDifference> Compare(IReadOnlyList<DeliveredRecord> delivered, string topic)
    {
        foreach (var (suffix, expected) in wireCase.Events)
        {
            var actual = delivered.Where(record => record.Topic == topic + suffix).ToList();
            if (actual.Count != expected.Count)
            {
                _differences.Add(new WireDifference("events", $"{expected.Count} on '{suffix}'", $"{actual.Count}"));
                continue;
            }
            // Order is that of a party.
            foreach (var party in expected.GroupBy(KeyOf))
            {
                var mine = actual.Where(record => record.Key == party.Key).ToList();
                if (mine.Count != party.Count())
                    _differences.Add(new WireDifference("events", $"{party.Count()} of {party.Key}", $"{mine.Count}"));
                foreach (var (want, got) in party.Zip(mine))
                    CompareEvent(want, got);
            }
        }
        return _differences;
    }

    private static string KeyOf(JsonElement expected) => expected.GetProperty("key").GetString()!;

    private void CompareEvent(JsonElement expected, DeliveredRecord actual)
    {
        if (!expected.TryGetProperty("record", out var record))
        {
            // Of a few cases only some fields were recorded, beside the key.
            foreach (var field in expected.EnumerateObject().Where(field => actual.Record.Schema.Fields.Any(known => known.Name == field.Name)))
                CompareField(field.Name, field.Value, actual.Record[field.Name]);
            return;
        }
        foreach (var field in actual.Record.Schema.Fields.Select(field => field.Name))
        {
            var isRecorded = record.TryGetProperty(field, out var value);
            if (field != "caseName" || isRecorded)
                CompareField(field, value, actual.Record[field]);
        }
        if (expected.TryGetProperty("kafkaTimestamp", out _) && !Equals(actual.Record["timestamp"], actual.KafkaTimestamp))
            _differences.Add(new WireDifference("field:kafkaTimestamp", $"{actual.Record["timestamp"]}", $"{actual.KafkaTimestamp}"));
    }

    private void CompareField(string name, JsonElement expected, object? actual)
    {
        var isEqual = expected.ValueKind == JsonValueKind.String && expected.GetString() == ServerTime
            ? actual is long time && time >= began.ToUnixTimeMilliseconds() && time <= ended.ToUnixTimeMilliseconds()
            : IsEqual(expected, actual);
        if (!isEqual)
            _differences.Add(new WireDifference($"field:{name}", expected.ValueKind == JsonValueKind.Undefined ? "null" : expected.GetRawText(), Show(actual)));
    }

    private static bool IsEqual(JsonElement expected, object? actual) => actual switch
    {
        null => expected.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined,
        string text => expected.ValueKind == JsonValueKind.String && expected.GetString() == text,
        bool truth => expected.ValueKind == (truth ? JsonValueKind.True : JsonValueKind.False),
        int or long => expected.ValueKind == JsonValueKind.Number && expected.TryGetInt64(out var number) && number == Convert.ToInt64(actual, null),
        double number when double.IsFinite(number) => expected.ValueKind == JsonValueKind.Number && expected.GetDouble().Equals(number),
        double number => expected.ValueKind == JsonValueKind.String && expected.GetString() == NameOf(number),
        IDictionary<string, object> map => expected.ValueKind == JsonValueKind.Object && expected.EnumerateObject().Count() == map.Count
            && expected.EnumerateObject().All(entry => map.TryGetValue(entry.Name, out var value) && IsEqual(entry.Value, value)),
        IEnumerable list => expected.ValueKind == JsonValueKind.Array && list.Cast<object?>().ToList() is var items && items.Count == expected.GetArrayLength()
            && expected.EnumerateArray().Zip(items).All(pair => IsEqual(pair.First, pair.Second)),
        _ => false,
    };

    private static string NameOf(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private static string Show(object? value) => value switch
    {
        null => "null",
        IDictionary<string, object> map => "{" + string.Join(", ", map.Select(entry => $"{entry.Key}: {Show(entry.Value)}")) + "}",
        IEnumerable list and not string => "[" + string.Join(", ", list.Cast<object?>().Select(Show)) + "]",
        _ => value.ToString() ?? "",
    };
}
