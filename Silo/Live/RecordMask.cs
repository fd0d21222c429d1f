using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Divolte.Grains.Interfaces.Operations;
using Divolte.Grains.Schemas;
using Divolte.Silo.Cat;

namespace Divolte.Silo.Live;

/// <summary>
/// Shows a record without what its visitor sent: names of fields and enum values stay, of everything else only the first characters and the length. Enough
/// to see whether a mapping fills its fields.
/// </summary>
internal sealed class RecordMask
{
    /// <summary>Characters that stay. Fewer than half of a short text does.</summary>
    private const int ShownMax = 3;

    /// <summary>Schemas that are kept parsed: one per mapping, and one more for each that changed while an upgrade runs.</summary>
    internal const int SchemasMax = 100;

    private readonly Dictionary<string, AvroSchema> _schemas = [];

    /// <summary>The record as JSON; null when it is no record of its schema.</summary>
    public JsonElement? Show(RecordSample sample)
    {
        try
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer))
                AvroJson.Write(SchemaOf(sample.Schema), sample.Value, json, Mask);
            using var document = JsonDocument.Parse(buffer.WrittenMemory);
            return document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is InvalidDataException or SchemaException or JsonException)
        {
            return null;
        }
    }

    internal static string Mask(string text)
    {
        if (text.Length < 2)
            return text;
        var shown = Math.Min(ShownMax, (text.Length - 1) / 2);
        if (shown > 0 && char.IsHighSurrogate(text[shown - 1]))
            shown--;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, shown)}… ({text.Length})");
    }

    private AvroSchema SchemaOf(string json)
    {
        if (_schemas.TryGetValue(json, out var schema))
            return schema;
        if (_schemas.Count >= SchemasMax)
            _schemas.Clear();
        return _schemas[json] = AvroSchemaParser.Parse(Encoding.UTF8.GetBytes(json), toleratesDefaults: true, out _);
    }
}
