using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Divolte.Grains.Schemas;

namespace Divolte.Silo.Cat;

/// <summary>
/// Avro binary → JSON for people and their tools: a union's value stands for itself, without the name of its branch; bytes are a string of one character per
/// byte; numbers that JSON has no form for are strings.
/// </summary>
internal readonly struct AvroJson
{
    /// <summary>Deepest nesting of values that is read: records may contain themselves, and damaged bytes must not end the process.</summary>
    private const int DepthMax = 500;

    /// <summary>Most items that take no bytes, such as nulls: damaged bytes may claim any number of them.</summary>
    private const int EmptyItemsMax = 1_000_000;

    private readonly Utf8JsonWriter _json;
    private readonly Func<string, string>? _mask;

    private AvroJson(Utf8JsonWriter json, Func<string, string>? mask) => (_json, _mask) = (json, mask);

    /// <summary>Writes one value.</summary>
    /// <param name="schema">Its schema.</param>
    /// <param name="bytes">Begins with the value.</param>
    /// <param name="json">Takes the JSON.</param>
    /// <param name="mask">What is shown for a value that a visitor may have chosen: text, bytes, a number, a key of a map. Null shows them as they are.</param>
    /// <returns>How many bytes it took.</returns>
    /// <exception cref="InvalidDataException">The bytes are no value of the schema.</exception>
    public static int Write(AvroSchema schema, ReadOnlySpan<byte> bytes, Utf8JsonWriter json, Func<string, string>? mask = null)
    {
        var cursor = new AvroCursor(bytes);
        new AvroJson(json, mask).Write(schema, ref cursor, 0);
        return cursor.Position;
    }

    private void Write(AvroSchema schema, ref AvroCursor cursor, int depth)
    {
        if (depth > DepthMax)
            throw new InvalidDataException($"a record is nested more than {DepthMax} deep");
        switch (schema.Kind)
        {
            case AvroKind.Null:
                _json.WriteNullValue();
                break;
            case AvroKind.Boolean:
                _json.WriteBooleanValue(cursor.Take(1)[0] != 0);
                break;
            case AvroKind.Int or AvroKind.Long:
                WriteNumber(cursor.TakeLong());
                break;
            case AvroKind.Float:
                Write(BinaryPrimitives.ReadSingleLittleEndian(cursor.Take(sizeof(float))));
                break;
            case AvroKind.Double:
                Write(BinaryPrimitives.ReadDoubleLittleEndian(cursor.Take(sizeof(double))));
                break;
            case AvroKind.Bytes:
                WriteText(Encoding.Latin1.GetString(cursor.Take(cursor.TakeLong())));
                break;
            case AvroKind.Fixed:
                WriteText(Encoding.Latin1.GetString(cursor.Take(schema.Size)));
                break;
            case AvroKind.String:
                WriteText(cursor.TakeText());
                break;
            case AvroKind.Enum:
                _json.WriteStringValue(schema.Symbols[cursor.TakeIndex(schema.Symbols.Count)]);
                break;
            case AvroKind.Union:
                Write(schema.Branches[cursor.TakeIndex(schema.Branches.Count)], ref cursor, depth + 1);
                break;
            case AvroKind.Record:
                WriteRecord(schema, ref cursor, depth);
                break;
            case AvroKind.Array or AvroKind.Map:
                WriteItems(schema, ref cursor, depth);
                break;
            default:
                throw new InvalidOperationException("A type that nobody handles.");
        }
    }

    private void WriteRecord(AvroSchema schema, ref AvroCursor cursor, int depth)
    {
        _json.WriteStartObject();
        foreach (var field in schema.Fields)
        {
            _json.WritePropertyName(field.Name);
            Write(field.Schema, ref cursor, depth + 1);
        }
        _json.WriteEndObject();
    }

    private void WriteItems(AvroSchema schema, ref AvroCursor cursor, int depth)
    {
        var isMap = schema.Kind == AvroKind.Map;
        if (isMap)
            _json.WriteStartObject();
        else
            _json.WriteStartArray();
        for (var count = cursor.TakeCount(); count != 0; count = cursor.TakeCount())
        {
            if (count > Math.Max(cursor.Remaining, EmptyItemsMax))
                throw new InvalidDataException($"an array or map of {count} items cannot fit in {cursor.Remaining} bytes");
            for (; count > 0; count--)
            {
                if (isMap)
                    _json.WritePropertyName(Shown(cursor.TakeText()));
                Write(schema.Items!, ref cursor, depth + 1);
            }
        }
        if (isMap)
            _json.WriteEndObject();
        else
            _json.WriteEndArray();
    }

    private void WriteNumber(long value)
    {
        if (_mask is null)
            _json.WriteNumberValue(value);
        else
            WriteText(value.ToString(CultureInfo.InvariantCulture));
    }

    private void Write(float value)
    {
        if (_mask is not null || !float.IsFinite(value))
            WriteText(float.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : NameOf(value));
        else
            _json.WriteNumberValue(value);
    }

    private void Write(double value)
    {
        if (_mask is not null || !double.IsFinite(value))
            WriteText(double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : NameOf(value));
        else
            _json.WriteNumberValue(value);
    }

    private void WriteText(string text) => _json.WriteStringValue(Shown(text));

    private string Shown(string text) => _mask is null ? text : _mask(text);

    private static string NameOf(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}
