using System.Buffers.Binary;
using Divolte.Grains.Interfaces.Events;

namespace Divolte.Grains.Schemas;

/// <summary>
/// Writes records of one schema as Avro binary. Compiled once: for each field its place in a union and its default as bytes, so that an event
/// only copies.
/// </summary>
internal sealed class RecordEncoder
{
    private readonly Field[] _fields;

    /// <param name="schema">A record.</param>
    public RecordEncoder(AvroSchema schema)
    {
        Schema = schema;
        _fields = schema.Fields.Select(field => new Field(field)).ToArray();
    }

    public AvroSchema Schema { get; }

    /// <summary>Appends one record, or nothing when it cannot be written.</summary>
    /// <param name="fields">What the mapping has set.</param>
    /// <param name="frame">The frame that texts without an owner lie in.</param>
    /// <param name="output">Where the record goes.</param>
    /// <param name="explanation">Field and cause when there is no record; otherwise empty.</param>
    public bool TryEncode(RecordFields fields, ReadOnlySpan<byte> frame, FrameBuffer output, out string explanation)
    {
        var values = fields.Values;
        var lengthMax = 0;
        for (var index = 0; index < values.Length; index++)
        {
            if (!CanWrite(_fields[index], values[index], out explanation))
                return false;
            lengthMax = checked(lengthMax + _fields[index].Overhead + values[index].Text.Length);
        }

        var start = output.Length;
        var target = output.Append(lengthMax);
        var length = 0;
        for (var index = 0; index < values.Length; index++)
            length += Write(_fields[index], values[index], frame, target[length..]);
        output.Truncate(start + length);
        explanation = "";
        return true;
    }

    private static bool CanWrite(Field field, in FieldValue value, out string explanation)
    {
        explanation = value.Form switch
        {
            FieldForm.Unset when field.Default is null => field.Missing,
            FieldForm.Unwritable => $"Field {field.Name}: {value.Reason}",
            _ => "",
        };
        return explanation.Length == 0;
    }

    private static int Write(Field field, in FieldValue value, ReadOnlySpan<byte> frame, Span<byte> target)
    {
        if (value.Form == FieldForm.Unset)
        {
            field.Default.CopyTo(target);
            return field.Default!.Length;
        }
        field.Branch.CopyTo(target);
        var length = field.Branch.Length;
        var rest = target[length..];
        switch (value.Form)
        {
            case FieldForm.Boolean:
                rest[0] = (byte)value.Bits;
                return length + 1;
            case FieldForm.Long:
                return length + AvroBuffer.PutLong(rest, value.Bits);
            case FieldForm.Float:
                BinaryPrimitives.WriteInt32LittleEndian(rest, (int)value.Bits);
                return length + sizeof(float);
            case FieldForm.Double:
                BinaryPrimitives.WriteInt64LittleEndian(rest, value.Bits);
                return length + sizeof(double);
            case FieldForm.Text:
                length += AvroBuffer.PutLong(rest, value.Text.Length);
                break;
            case FieldForm.Encoded:
                break;
            default:
                throw new InvalidOperationException($"A value of the form {value.Form} reached the encoder.");
        }
        value.Text.Read(frame).CopyTo(target[length..]);
        return length + value.Text.Length;
    }

    private sealed class Field
    {
        public Field(AvroField field)
        {
            Name = field.Name;
            Branch = BranchOf(field.Schema);
            Default = DefaultOf(field);
            Missing = field.Default is { } written
                ? $"Field {Name} is not set, and its default {written.GetRawText()} cannot be written."
                : $"Field {Name} is not set and has no default.";
            Overhead = Math.Max(Default?.Length ?? 0, Branch.Length + AvroBuffer.LongLengthMax);
        }

        public string Name { get; }

        /// <summary>Index of the union's branch in front of every value that a mapping sets; empty without a union.</summary>
        public byte[] Branch { get; }

        /// <summary>The default as Avro binary, branch included; null when there is none.</summary>
        public byte[]? Default { get; }

        public string Missing { get; }

        /// <summary>Bytes needed at most beside a text's own.</summary>
        public int Overhead { get; }

        private static byte[] BranchOf(AvroSchema schema)
        {
            if (schema.Kind != AvroKind.Union)
                return [];
            var buffer = new AvroBuffer();
            buffer.WriteLong(Math.Max(0, TrivialUnion.IndexOfValueBranch(schema)));
            return buffer.Written.ToArray();
        }

        private static byte[]? DefaultOf(AvroField field)
        {
            var buffer = new AvroBuffer();
            return field.Default is { } value && AvroDefault.TryWrite(value, field.Schema, buffer) ? buffer.Written.ToArray() : null;
        }
    }
}
