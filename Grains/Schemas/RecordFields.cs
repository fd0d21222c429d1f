namespace Divolte.Grains.Schemas;

/// <summary>What a mapping has set so far, field by field; the last write wins. Reused from event to event.</summary>
/// <param name="count">How many fields the record has.</param>
internal sealed class RecordFields(int count)
{
    private readonly FieldValue[] _values = new FieldValue[count];

    public ReadOnlySpan<FieldValue> Values => _values;

    public void Clear() => Array.Clear(_values);

    public void SetBoolean(int field, bool value) => _values[field] = new FieldValue(FieldForm.Boolean, value ? 1 : 0, default, null);

    /// <summary>Sets an int or a long.</summary>
    public void SetLong(int field, long value) => _values[field] = new FieldValue(FieldForm.Long, value, default, null);

    public void SetFloat(int field, float value) => _values[field] = new FieldValue(FieldForm.Float, BitConverter.SingleToInt32Bits(value), default, null);

    public void SetDouble(int field, double value) => _values[field] = new FieldValue(FieldForm.Double, BitConverter.DoubleToInt64Bits(value), default, null);

    /// <summary>Sets a string or bytes; they are not copied.</summary>
    public void SetText(int field, TextSlice text) => _values[field] = new FieldValue(FieldForm.Text, 0, text, null);

    /// <summary>Sets a value that is Avro binary already, without the branch of the field's union.</summary>
    public void SetEncoded(int field, TextSlice encoded) => _values[field] = new FieldValue(FieldForm.Encoded, 0, encoded, null);

    /// <summary>Sets a value that no record can hold: the event is lost unless a later action overwrites it.</summary>
    public void SetUnwritable(int field, string reason) => _values[field] = new FieldValue(FieldForm.Unwritable, 0, default, reason);
}

/// <summary>In which form a field's value waits for the encoder.</summary>
internal enum FieldForm : byte
{
    /// <summary>Not set: the default is written.</summary>
    Unset,
    Boolean,
    Long,
    Float,
    Double,
    Text,
    Encoded,
    Unwritable,
}

/// <summary>One field's value.</summary>
internal readonly record struct FieldValue(FieldForm Form, long Bits, TextSlice Text, string? Reason);
