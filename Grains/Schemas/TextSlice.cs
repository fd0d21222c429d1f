namespace Divolte.Grains.Schemas;

/// <summary>
/// UTF-8 text of an event without a copy: a part of the event's frame, or of an array that holds what was derived from it.
/// Valid until the event is mapped.
/// </summary>
/// <param name="Owner">The array; null means the frame.</param>
/// <param name="Offset">Where the text starts, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct TextSlice(byte[]? Owner, int Offset, int Length)
{
    public static readonly TextSlice Empty = new([], 0, 0);

    /// <summary>The whole of an array.</summary>
    public static TextSlice Of(byte[] text) => new(text, 0, text.Length);

    /// <summary>A part of the text.</summary>
    public TextSlice Part(int start, int length) => new(Owner, Offset + start, length);

    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> frame) => Owner is null ? frame.Slice(Offset, Length) : Owner.AsSpan(Offset, Length);
}
