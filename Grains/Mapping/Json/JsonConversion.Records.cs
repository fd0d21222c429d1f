using System.Buffers;
using System.Text;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Json;

/// <content>Records: members in the order of the JSON, so that the first trouble decides; fields in the order of the schema.</content>
internal sealed partial class JsonConversion
{
    /// <summary>Names and defaults of a record's fields as bytes.</summary>
    private sealed class RecordShape
    {
        private readonly Dictionary<string, int> _indexes;
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

        public RecordShape(AvroSchema record)
        {
            _indexes = record.Fields.Index().ToDictionary(field => field.Item.Name, field => field.Index, StringComparer.Ordinal);
            _lookup = _indexes.GetAlternateLookup<ReadOnlySpan<char>>();
            Defaults = record.Fields.Select(DefaultOf).ToArray();
        }

        public byte[]?[] Defaults { get; }

        public int IndexOf(ReadOnlySpan<byte> name)
        {
            Span<char> text = stackalloc char[256];
            return Encoding.UTF8.TryGetChars(name, text, out var length) && _lookup.TryGetValue(text[..length], out var index) ? index : -1;
        }

        private static byte[]? DefaultOf(AvroField field)
        {
            var buffer = new AvroBuffer();
            return field.Default is { } value && AvroDefault.TryWrite(value, field.Schema, buffer) ? buffer.Written.ToArray() : null;
        }
    }

    private static ConversionOutcome WriteRecord(ref Run run, int node, AvroSchema schema, in MappedEvent mapped)
    {
        if (KindOf(node, mapped) != JsonKind.Object)
            return ConversionOutcome.Mismatch;
        var parts = ArrayPool<(int Offset, int Length)>.Shared.Rent(schema.Fields.Count);
        try
        {
            parts.AsSpan(0, schema.Fields.Count).Clear();
            return WriteMembers(ref run, node, schema, parts, mapped);
        }
        finally
        {
            ArrayPool<(int Offset, int Length)>.Shared.Return(parts);
        }
    }

    /// <summary>
    /// Writes the members where the buffer ends, then the fields in their order behind them, then moves these to the start.
    /// </summary>
    private static ConversionOutcome WriteMembers(
        ref Run run, int node, AvroSchema schema, (int Offset, int Length)[] parts, in MappedEvent mapped)
    {
        var tree = mapped.Scratch.Json;
        var buffer = mapped.Scratch.Encoded;
        var shape = run.Shapes[schema];
        var start = buffer.Length;
        for (var member = tree[node].First; member >= 0; member = tree[member].Next)
        {
            var index = shape.IndexOf(mapped.Read(tree[member].Name));
            if (index < 0)
            {
                if (run.Rules.RefusesUnknownMembers)
                    return ConversionOutcome.Mismatch;
                continue;
            }
            var offset = buffer.Length;
            var outcome = WriteMember(ref run, member, schema.Fields[index], mapped);
            if (outcome != ConversionOutcome.Written)
                return outcome;
            // One more than the length, so that zero means "not there": a null branch can be empty.
            parts[index] = (offset, buffer.Length - offset + 1);
        }

        var fieldsStart = buffer.Length;
        for (var index = 0; index < schema.Fields.Count; index++)
        {
            if (parts[index].Length > 0)
                buffer.WriteRaw(buffer.Array.AsSpan(parts[index].Offset, parts[index].Length - 1));
            else if (shape.Defaults[index] is { } value)
                buffer.WriteRaw(value);
            else
                return Fail(ref run, $"field {schema.Fields[index].Name} of {schema.FullName} is not in the JSON and has no default");
        }
        var length = buffer.Length - fieldsStart;
        buffer.Array.AsSpan(fieldsStart, length).CopyTo(buffer.Array.AsSpan(start));
        buffer.Truncate(start + length);
        return ConversionOutcome.Written;
    }

    private static ConversionOutcome WriteMember(ref Run run, int node, AvroField field, in MappedEvent mapped)
    {
        var outcome = Write(ref run, node, field.Schema, mapped);
        if (outcome != ConversionOutcome.Null)
            return outcome;
        if (TryWriteNull(field.Schema, mapped.Scratch.Encoded))
            return ConversionOutcome.Written;
        if (field.Default is null)
            return Fail(ref run, $"field {field.Name} is null in the JSON, but neither nullable nor with a default");
        run.Problem ??= $"field {field.Name} is null in the JSON, but not nullable";
        return ConversionOutcome.Written;
    }

    private static ConversionOutcome Fail(ref Run run, string problem)
    {
        run.Problem = problem;
        return ConversionOutcome.Fatal;
    }
}
