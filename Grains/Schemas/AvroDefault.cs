using System.Numerics;
using System.Text.Json;

namespace Divolte.Grains.Schemas;

/// <summary>Defaults of fields: whether they fit, and how they are written. Lenient in the details where existing files rely on it.</summary>
internal static class AvroDefault
{
    /// <summary>How deep a default is followed; deeper, as in a record whose default contains itself, it counts as unfit.</summary>
    private const int DepthMax = 64;

    /// <summary>Whether a default fits a type. Only the first branch of a union counts.</summary>
    public static bool Fits(JsonElement value, AvroSchema schema) => Fits(value, schema, 0);

    private static bool Fits(JsonElement value, AvroSchema schema, int depth) => depth < DepthMax && schema.Kind switch
    {
        AvroKind.Null => value.ValueKind == JsonValueKind.Null,
        AvroKind.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        AvroKind.Int or AvroKind.Long or AvroKind.Float or AvroKind.Double => value.ValueKind == JsonValueKind.Number,
        AvroKind.Bytes or AvroKind.String or AvroKind.Enum or AvroKind.Fixed => value.ValueKind == JsonValueKind.String,
        AvroKind.Array => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => Fits(item, schema.Items!, depth + 1)),
        AvroKind.Map => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(entry => Fits(entry.Value, schema.Items!, depth + 1)),
        AvroKind.Union => schema.Branches.Count > 0 && Fits(value, schema.Branches[0], depth + 1),
        AvroKind.Record => value.ValueKind == JsonValueKind.Object && schema.Fields.All(field =>
            value.TryGetProperty(field.Name, out var member)
                ? Fits(member, field.Schema, depth + 1)
                : field.Default is { } inner && Fits(inner, field.Schema, depth + 1)),
        _ => false,
    };

    /// <summary>Writes a default as Avro binary.</summary>
    /// <returns>False when it cannot be written, which is only an error once the default is needed.</returns>
    public static bool TryWrite(JsonElement value, AvroSchema schema, AvroBuffer target)
    {
        if (!Fits(value, schema))
            return schema.Kind == AvroKind.Union && TryWriteLaterBranch(value, schema, target);
        switch (schema.Kind)
        {
            case AvroKind.Boolean:
                target.WriteBoolean(value.ValueKind == JsonValueKind.True);
                return true;
            case AvroKind.Int:
                target.WriteLong((int)WrappedInteger(value));
                return true;
            case AvroKind.Long:
                target.WriteLong(WrappedInteger(value));
                return true;
            case AvroKind.Float:
                target.WriteFloat((float)value.GetDouble());
                return true;
            case AvroKind.Double:
                target.WriteDouble(value.GetDouble());
                return true;
            case AvroKind.String:
                target.WriteText(value.GetString()!);
                return true;
            case AvroKind.Bytes:
                target.WriteBytes(Latin(value.GetString()!));
                return true;
            case AvroKind.Fixed:
                target.WriteFixed(Latin(value.GetString()!), schema.Size);
                return true;
            case AvroKind.Enum:
                return TryWriteSymbol(value.GetString()!, schema, target);
            case AvroKind.Union:
                target.WriteLong(0);
                return TryWrite(value, schema.Branches[0], target);
            case AvroKind.Array:
                return TryWriteBlock(value.EnumerateArray().ToList(), target, item => TryWrite(item, schema.Items!, target));
            case AvroKind.Map:
                return TryWriteBlock(value.EnumerateObject().ToList(), target, entry =>
                {
                    target.WriteText(entry.Name);
                    return TryWrite(entry.Value, schema.Items!, target);
                });
            case AvroKind.Record:
                return schema.Fields.All(field =>
                    TryWrite(value.TryGetProperty(field.Name, out var member) ? member : field.Default!.Value, field.Schema, target));
            default:
                return true;
        }
    }

    /// <summary>With tolerance, a default for another branch than the first is taken as what it evidently means.</summary>
    private static bool TryWriteLaterBranch(JsonElement value, AvroSchema schema, AvroBuffer target)
    {
        for (var index = 1; index < schema.Branches.Count; index++)
        {
            if (!Fits(value, schema.Branches[index]))
                continue;
            target.WriteLong(index);
            return TryWrite(value, schema.Branches[index], target);
        }
        return false;
    }

    /// <summary>Fractions are cut and what is too large wraps, as Java's number conversions do.</summary>
    private static long WrappedInteger(JsonElement value)
    {
        if (value.TryGetInt64(out var exact))
            return exact;
        if (BigInteger.TryParse(value.GetRawText(), out var large))
            return unchecked((long)(ulong)(large & ulong.MaxValue));
        var number = value.GetDouble();
        return double.IsNaN(number) ? 0 : number >= long.MaxValue ? long.MaxValue : number <= long.MinValue ? long.MinValue : (long)number;
    }

    private static byte[] Latin(string text) => Array.ConvertAll(text.ToCharArray(), letter => letter > '\u00ff' ? (byte)'?' : (byte)letter);

    private static bool TryWriteSymbol(string symbol, AvroSchema schema, AvroBuffer target)
    {
        for (var index = 0; index < schema.Symbols.Count; index++)
        {
            if (schema.Symbols[index] != symbol)
                continue;
            target.WriteLong(index);
            return true;
        }
        return false;
    }

    private static bool TryWriteBlock<T>(List<T> items, AvroBuffer target, Func<T, bool> tryWrite)
    {
        if (items.Count > 0)
            target.WriteLong(items.Count);
        var complete = items.TrueForAll(item => tryWrite(item));
        target.WriteLong(0);
        return complete;
    }
}
