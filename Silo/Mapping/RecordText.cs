using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Schemas;
using Divolte.Silo.Cat;

namespace Divolte.Silo.Mapping;

/// <summary>
/// Avro binary → the text that Avro for Java prints of a record, which is what the collector's mapping test server answers: JSON with plain values
/// instead of union branches, bytes as an object of one text, fixed values as a list of signed numbers.
/// </summary>
internal sealed class RecordText
{
    private readonly StringBuilder _text = new();

    private RecordText()
    {
    }

    /// <summary>The text of one record.</summary>
    /// <exception cref="InvalidDataException">The bytes are no value of the schema.</exception>
    public static string Print(AvroSchema schema, ReadOnlySpan<byte> bytes)
    {
        var printer = new RecordText();
        var cursor = new AvroCursor(bytes);
        printer.Print(schema, ref cursor);
        return printer._text.ToString();
    }

    private void Print(AvroSchema schema, ref AvroCursor cursor)
    {
        switch (schema.Kind)
        {
            case AvroKind.Null:
                _text.Append("null");
                break;
            case AvroKind.Boolean:
                _text.Append(cursor.Take(1)[0] != 0 ? "true" : "false");
                break;
            case AvroKind.Int or AvroKind.Long:
                _text.Append(CultureInfo.InvariantCulture, $"{cursor.TakeLong()}");
                break;
            case AvroKind.Float:
                // The shortest digits of the float, in the form that Java gives to numbers.
                var single = BinaryPrimitives.ReadSingleLittleEndian(cursor.Take(sizeof(float)));
                PrintNumber(float.IsFinite(single) ? double.Parse(single.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : single);
                break;
            case AvroKind.Double:
                PrintNumber(BinaryPrimitives.ReadDoubleLittleEndian(cursor.Take(sizeof(double))));
                break;
            case AvroKind.Bytes:
                _text.Append("{\"bytes\": ");
                PrintQuoted(Encoding.Latin1.GetString(cursor.Take(cursor.TakeLong())));
                _text.Append('}');
                break;
            case AvroKind.Fixed:
                _text.Append('[').AppendJoin(", ", cursor.Take(schema.Size).ToArray().Select(value => (sbyte)value)).Append(']');
                break;
            case AvroKind.String:
                PrintQuoted(cursor.TakeText());
                break;
            case AvroKind.Enum:
                PrintQuoted(schema.Symbols[cursor.TakeIndex(schema.Symbols.Count)]);
                break;
            case AvroKind.Union:
                Print(schema.Branches[cursor.TakeIndex(schema.Branches.Count)], ref cursor);
                break;
            case AvroKind.Record:
                PrintRecord(schema, ref cursor);
                break;
            case AvroKind.Array or AvroKind.Map:
                PrintItems(schema, ref cursor);
                break;
            default:
                throw new InvalidOperationException("A type that nobody handles.");
        }
    }

    private void PrintRecord(AvroSchema schema, ref AvroCursor cursor)
    {
        _text.Append('{');
        for (var index = 0; index < schema.Fields.Count; index++)
        {
            if (index > 0)
                _text.Append(", ");
            PrintQuoted(schema.Fields[index].Name);
            _text.Append(": ");
            Print(schema.Fields[index].Schema, ref cursor);
        }
        _text.Append('}');
    }

    private void PrintItems(AvroSchema schema, ref AvroCursor cursor)
    {
        var isMap = schema.Kind == AvroKind.Map;
        var isFirst = true;
        _text.Append(isMap ? '{' : '[');
        for (var count = cursor.TakeCount(); count != 0; count = cursor.TakeCount())
        {
            for (; count > 0; count--)
            {
                if (!isFirst)
                    _text.Append(", ");
                isFirst = false;
                if (isMap)
                {
                    PrintQuoted(cursor.TakeText());
                    _text.Append(": ");
                }
                Print(schema.Items!, ref cursor);
            }
        }
        _text.Append(isMap ? '}' : ']');
    }

    private void PrintNumber(double value)
    {
        if (!double.IsFinite(value))
        {
            _text.Append(double.IsNaN(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
            return;
        }
        Span<byte> digits = stackalloc byte[32];
        _text.Append(Encoding.ASCII.GetString(digits[..JavaNumber.Print(value, digits)]));
    }

    private void PrintQuoted(string text)
    {
        _text.Append('"');
        foreach (var letter in text)
        {
            switch (letter)
            {
                case '"' or '\\':
                    _text.Append('\\').Append(letter);
                    break;
                case '\b':
                    _text.Append("\\b");
                    break;
                case '\f':
                    _text.Append("\\f");
                    break;
                case '\n':
                    _text.Append("\\n");
                    break;
                case '\r':
                    _text.Append("\\r");
                    break;
                case '\t':
                    _text.Append("\\t");
                    break;
                case <= '\u001f' or >= '\u007f' and <= '\u009f' or >= '\u2000' and <= '\u20ff':
                    _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
                    break;
                default:
                    _text.Append(letter);
                    break;
            }
        }
        _text.Append('"');
    }
}
