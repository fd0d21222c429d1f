using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary>How bytes are written as text.</summary>
internal enum BinaryText : byte
{
    HexLower,
    HexUpper,
    Base64,
}

/// <summary><c>toHexLower()</c>, <c>toHexUpper()</c>, <c>toBase64()</c>.</summary>
internal sealed class BinaryTextProducer(ValueProducer<TextSlice> source, string method, BinaryText form)
    : ValueProducer<TextSlice>($"{source.Identifier}.{method}()", ProducerType.String)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out TextSlice value)
    {
        value = default;
        if (!source.TryRead(mapped, out var slice))
            return false;
        var bytes = mapped.Read(slice);
        var target = mapped.Scratch.Reserve(2 * bytes.Length + 4);
        int length;
        switch (form)
        {
            case BinaryText.HexLower:
                Convert.TryToHexStringLower(bytes, target, out length);
                break;
            case BinaryText.HexUpper:
                Convert.TryToHexString(bytes, target, out length);
                break;
            default:
                System.Buffers.Text.Base64.EncodeToUtf8(bytes, target, out _, out length);
                break;
        }
        value = mapped.Scratch.Keep(length);
        return true;
    }
}
