using System.Text;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Json;

/// <content>Scalars, bytes and fixed.</content>
internal sealed partial class JsonConversion
{
    private static ConversionOutcome WriteScalar(ref Run run, int node, AvroSchema schema, in MappedEvent mapped)
    {
        var tree = mapped.Scratch.Json;
        var isElement = false;
        while (tree[node].Kind == JsonKind.Array && tree[node].Count == 1 && run.Rules.UnwrapsSingleElements)
        {
            node = tree[node].First;
            isElement = true;
        }
        ref readonly var value = ref tree[node];
        if (value.Kind is JsonKind.Array or JsonKind.Object or JsonKind.Missing)
            return ConversionOutcome.Mismatch;
        return schema.Kind switch
        {
            AvroKind.Boolean => WriteBoolean(value, mapped),
            AvroKind.Int => WriteInteger(value, int.MinValue, int.MaxValue, mapped),
            AvroKind.Long => WriteInteger(value, long.MinValue, long.MaxValue, mapped),
            AvroKind.Float or AvroKind.Double => WriteFraction(value, schema.Kind, mapped),
            AvroKind.Enum => WriteSymbol(ref run, value, schema, mapped),
            _ => WriteString(value, isElement, mapped),
        };
    }

    private static ConversionOutcome WriteBoolean(in JsonNode value, in MappedEvent mapped)
    {
        switch (value.Kind)
        {
            case JsonKind.Null:
                return ConversionOutcome.Null;
            case JsonKind.True or JsonKind.False:
                mapped.Scratch.Encoded.WriteBoolean(value.Kind == JsonKind.True);
                return ConversionOutcome.Written;
            case JsonKind.Integer:
                mapped.Scratch.Encoded.WriteBoolean(!mapped.Read(value.Text).SequenceEqual("0"u8));
                return ConversionOutcome.Written;
            case JsonKind.String:
                var text = TrimmedText(value, mapped);
                if (IsNullText(text))
                    return ConversionOutcome.Null;
                var isTrue = text.SequenceEqual("true"u8) || text.SequenceEqual("True"u8);
                if (!isTrue && !text.SequenceEqual("false"u8) && !text.SequenceEqual("False"u8))
                    return ConversionOutcome.Mismatch;
                mapped.Scratch.Encoded.WriteBoolean(isTrue);
                return ConversionOutcome.Written;
            default:
                return ConversionOutcome.Mismatch;
        }
    }

    private static ConversionOutcome WriteInteger(in JsonNode value, long minimum, long maximum, in MappedEvent mapped)
    {
        long number;
        switch (value.Kind)
        {
            case JsonKind.Null:
                return ConversionOutcome.Null;
            case JsonKind.Integer or JsonKind.Decimal or JsonKind.Double:
                if (!JsonScalar.TryTruncate(value, mapped, minimum, maximum, out number))
                    return ConversionOutcome.Mismatch;
                break;
            case JsonKind.String:
                var text = TrimmedText(value, mapped);
                if (IsNullText(text))
                    return ConversionOutcome.Null;
                var digits = mapped.Read(DecimalText.WithAsciiDigits(mapped.Scratch.KeepCopy(text), mapped));
                if (!JsonScalar.TryParseInteger(digits, minimum, maximum, out number))
                    return ConversionOutcome.Mismatch;
                break;
            default:
                return ConversionOutcome.Mismatch;
        }
        mapped.Scratch.Encoded.WriteLong(number);
        return ConversionOutcome.Written;
    }

    private static ConversionOutcome WriteFraction(in JsonNode value, AvroKind kind, in MappedEvent mapped)
    {
        double number;
        switch (value.Kind)
        {
            case JsonKind.Null:
                return ConversionOutcome.Null;
            case JsonKind.Integer or JsonKind.Decimal or JsonKind.Double:
                number = JsonScalar.ToDouble(value, mapped);
                break;
            case JsonKind.String:
                var text = TrimmedText(value, mapped);
                if (IsNullText(text))
                    return ConversionOutcome.Null;
                if (!TryParseFraction(text, kind, out number))
                    return ConversionOutcome.Mismatch;
                break;
            default:
                return ConversionOutcome.Mismatch;
        }
        if (kind == AvroKind.Float)
            mapped.Scratch.Encoded.WriteFloat((float)number);
        else
            mapped.Scratch.Encoded.WriteDouble(number);
        return ConversionOutcome.Written;
    }

    private static bool TryParseFraction(ReadOnlySpan<byte> text, AvroKind kind, out double number)
    {
        number = text.SequenceEqual("INF"u8) ? double.PositiveInfinity : text.SequenceEqual("-INF"u8) ? double.NegativeInfinity : 0;
        if (number != 0)
            return true;
        if (kind == AvroKind.Double)
            return JavaNumber.TryParse(text, out number);
        var parsed = JavaNumber.TryParse(text, out float narrow);
        number = narrow;
        return parsed;
    }

    private static ConversionOutcome WriteString(in JsonNode value, bool isElement, in MappedEvent mapped)
    {
        if (value.Kind == JsonKind.Null)
            return isElement ? ConversionOutcome.Mismatch : ConversionOutcome.Null;
        JsonScalar.TryGetText(value, mapped.Scratch, out var text);
        mapped.Scratch.Encoded.WriteBytes(mapped.Read(text));
        return ConversionOutcome.Written;
    }

    private static ConversionOutcome WriteSymbol(ref Run run, in JsonNode value, AvroSchema schema, in MappedEvent mapped)
    {
        if (value.Kind == JsonKind.Null)
            return ConversionOutcome.Mismatch;
        JsonScalar.TryGetText(value, mapped.Scratch, out var slice);
        var text = mapped.Read(slice);
        for (var index = 0; index < schema.Symbols.Count; index++)
        {
            // Symbols are names, so they are short.
            if (text.Length != Encoding.UTF8.GetByteCount(schema.Symbols[index]) || !text.SequenceEqual(Encoding.UTF8.GetBytes(schema.Symbols[index])))
                continue;
            mapped.Scratch.Encoded.WriteLong(index);
            return ConversionOutcome.Written;
        }
        return run.Rules.TakesUnknownSymbolsAsNull ? ConversionOutcome.Null : ConversionOutcome.Mismatch;
    }

    private static ConversionOutcome WriteBytes(ref Run run, int node, in MappedEvent mapped)
    {
        ref readonly var value = ref mapped.Scratch.Json[node];
        if (value.Kind == JsonKind.Null)
            return ConversionOutcome.Null;
        if (value.Kind != JsonKind.String)
            return Fail(ref run, "only a Base64 text can become bytes");
        var text = mapped.Read(value.Text);
        var decoded = mapped.Scratch.Reserve(text.Length);
        if (!MimeBase64.TryDecode(text, decoded, out var length))
            return ConversionOutcome.Mismatch;
        mapped.Scratch.Encoded.WriteBytes(decoded[..length]);
        return ConversionOutcome.Written;
    }

    private static ConversionOutcome WriteFixed(ref Run run, int node, AvroSchema schema, in MappedEvent mapped)
    {
        var tree = mapped.Scratch.Json;
        var value = tree[node];
        var room = mapped.Scratch.Reserve(Math.Max(value.Kind == JsonKind.String ? value.Text.Length : value.Count, 1));
        int length;
        switch (value.Kind)
        {
            case JsonKind.Null:
                length = 0;
                break;
            case JsonKind.String when MimeBase64.TryDecode(mapped.Read(value.Text), room, out length):
                break;
            case JsonKind.Integer or JsonKind.Decimal or JsonKind.Double when TryReadByte(ref run, node, mapped, out room[0]):
                length = 1;
                break;
            case JsonKind.Array:
                length = 0;
                for (var item = value.First; item >= 0; item = tree[item].Next)
                {
                    if (!TryReadByte(ref run, item, mapped, out room[length++]))
                        return ConversionOutcome.Mismatch;
                }
                break;
            default:
                return ConversionOutcome.Mismatch;
        }
        if (length < schema.Size)
            run.Problem ??= $"{length} bytes for the type {schema}, which has {schema.Size}";
        mapped.Scratch.Encoded.WriteFixed(room[..length], schema.Size);
        return ConversionOutcome.Written;
    }

    private static bool TryReadByte(ref Run run, int node, in MappedEvent mapped, out byte value)
    {
        var tree = mapped.Scratch.Json;
        while (tree[node].Kind == JsonKind.Array && tree[node].Count == 1 && run.Rules.UnwrapsSingleElements)
            node = tree[node].First;
        long number = 0;
        var isNumber = tree[node].Kind switch
        {
            JsonKind.Null => true,
            JsonKind.Integer or JsonKind.Decimal or JsonKind.Double => JsonScalar.TryTruncate(tree[node], mapped, -128, 255, out number),
            JsonKind.String => IsNullText(TrimmedText(tree[node], mapped)) ||
                JsonScalar.TryParseInteger(TrimmedText(tree[node], mapped), -128, 255, out number),
            _ => false,
        };
        value = unchecked((byte)number);
        return isNumber;
    }

    /// <summary>Java's trim: everything up to a blank goes.</summary>
    private static ReadOnlySpan<byte> TrimmedText(in JsonNode value, in MappedEvent mapped)
    {
        var text = mapped.Read(value.Text);
        var start = text.IndexOfAnyExceptInRange((byte)0, (byte)' ');
        return start < 0 ? [] : text[start..(text.LastIndexOfAnyExceptInRange((byte)0, (byte)' ') + 1)];
    }

    private static bool IsNullText(ReadOnlySpan<byte> trimmed) => trimmed.IsEmpty || trimmed.SequenceEqual("null"u8);
}
