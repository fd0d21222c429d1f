using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Divolte.Grains.Schemas;

namespace Divolte.Silo.Cat;

/// <summary>
/// Avro binary → JSON for people and their tools: a union's value stands for itself, without the name of its branch; bytes are a string of one character per
/// byte; numbers that JSON has no form for are strings.
/// </summary>
internal static class AvroJson
{
    /// <summary>Deepest nesting of values that is read: records may contain themselves, and damaged bytes must not end the process.</summary>
    private const int DepthMax = 500;

    /// <summary>Most items that take no bytes, such as nulls: damaged bytes may claim any number of them.</summary>
    private const int EmptyItemsMax = 1_000_000;

    /// <summary>Writes one value.</summary>
    /// <returns>How many bytes it took.</returns>
    /// <exception cref="InvalidDataException">The bytes are no value of the schema.</exception>
    public static int Write(AvroSchema schema, ReadOnlySpan<byte> bytes, Utf8JsonWriter json)
    {
        var cursor = new AvroCursor(bytes);
        Write(schema, ref cursor, json, 0);
        return cursor.Position;
    }

    private static void Write(AvroSchema schema, ref AvroCursor cursor, Utf8JsonWriter json, int depth)
    {
        if (depth > DepthMax)
            throw new InvalidDataException($"a record is nested more than {DepthMax} deep");
        switch (schema.Kind)
        {
            case AvroKind.Null:
                json.WriteNullValue();
                break;
            case AvroKind.Boolean:
                json.WriteBooleanValue(cursor.Take(1)[0] != 0);
                break;
            case AvroKind.Int or AvroKind.Long:
                json.WriteNumberValue(cursor.TakeLong());
                break;
            case AvroKind.Float:
                Write(BinaryPrimitives.ReadSingleLittleEndian(cursor.Take(sizeof(float))), json);
                break;
            case AvroKind.Double:
                Write(BinaryPrimitives.ReadDoubleLittleEndian(cursor.Take(sizeof(double))), json);
                break;
            case AvroKind.Bytes:
                json.WriteStringValue(Encoding.Latin1.GetString(cursor.Take(cursor.TakeLong())));
                break;
            case AvroKind.Fixed:
                json.WriteStringValue(Encoding.Latin1.GetString(cursor.Take(schema.Size)));
                break;
            case AvroKind.String:
                json.WriteStringValue(cursor.TakeText());
                break;
            case AvroKind.Enum:
                json.WriteStringValue(schema.Symbols[cursor.TakeIndex(schema.Symbols.Count)]);
                break;
            case AvroKind.Union:
                Write(schema.Branches[cursor.TakeIndex(schema.Branches.Count)], ref cursor, json, depth + 1);
                break;
            case AvroKind.Record:
                WriteRecord(schema, ref cursor, json, depth);
                break;
            case AvroKind.Array or AvroKind.Map:
                WriteItems(schema, ref cursor, json, depth);
                break;
            default:
                throw new InvalidOperationException("A type that nobody handles.");
        }
    }

    private static void WriteRecord(AvroSchema schema, ref AvroCursor cursor, Utf8JsonWriter json, int depth)
    {
        json.WriteStartObject();
        foreach (var field in schema.Fields)
        {
            json.WritePropertyName(field.Name);
            Write(field.Schema, ref cursor, json, depth + 1);
        }
        json.WriteEndObject();
    }

    private static void WriteItems(AvroSchema schema, ref AvroCursor cursor, Utf8JsonWriter json, int depth)
    {
        var isMap = schema.Kind == AvroKind.Map;
        if (isMap)
            json.WriteStartObject();
        else
            json.WriteStartArray();
        for (var count = cursor.TakeCount(); count != 0; count = cursor.TakeCount())
        {
            if (count > Math.Max(cursor.Remaining, EmptyItemsMax))
                throw new InvalidDataException($"an array or map of {count} items cannot fit in {cursor.Remaining} bytes");
            for (; count > 0; count--)
            {
                if (isMap)
                    json.WritePropertyName(cursor.TakeText());
                Write(schema.Items!, ref cursor, json, depth + 1);
            }
        }
        if (isMap)
            json.WriteEndObject();
        else
            json.WriteEndArray();
    }

    private static void Write(float value, Utf8JsonWriter json)
    {
        if (float.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(NameOf(value));
    }

    private static void Write(double value, Utf8JsonWriter json)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteStringValue(NameOf(value));
    }

    private static string NameOf(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}
