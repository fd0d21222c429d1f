using System.Globalization;
using System.Text;
using Divolte.Grains.Mapping.Json;
using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>parse … to int32</c>: an optional minus sign and ASCII digits, nothing else.</summary>
internal sealed class ParsedInt32Producer(string identifier, ValueProducer<TextSlice> source) : ValueProducer<int>(identifier, ProducerType.Int32)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out int value)
    {
        value = 0;
        var isWhole = ParsedInt64Producer.TryReadWhole(source, mapped, out var wide) && wide is >= int.MinValue and <= int.MaxValue;
        if (isWhole)
            value = (int)wide;
        return isWhole;
    }
}

/// <summary><c>parse … to int64</c>.</summary>
internal sealed class ParsedInt64Producer(string identifier, ValueProducer<TextSlice> source) : ValueProducer<long>(identifier, ProducerType.Int64)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out long value) => TryReadWhole(source, mapped, out value);

    internal static bool TryReadWhole(ValueProducer<TextSlice> source, in MappedEvent mapped, out long value)
    {
        value = 0;
        if (!source.TryRead(mapped, out var slice))
            return false;
        var text = mapped.Read(slice);
        return text is not [(byte)'+', ..] && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary><c>parse … to fp32</c>.</summary>
internal sealed class ParsedFloat32Producer(string identifier, ValueProducer<TextSlice> source) : ValueProducer<float>(identifier, ProducerType.Float32)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out float value)
    {
        value = 0;
        return source.TryRead(mapped, out var text) && JavaNumber.TryParse(mapped.Read(text), out value);
    }
}

/// <summary><c>parse … to fp64</c>.</summary>
internal sealed class ParsedFloat64Producer(string identifier, ValueProducer<TextSlice> source) : ValueProducer<double>(identifier, ProducerType.Float64)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out double value)
    {
        value = 0;
        return source.TryRead(mapped, out var text) && JavaNumber.TryParse(mapped.Read(text), out value);
    }
}

/// <summary><c>parse … to bool</c>: true for <c>true</c> in whatever case, false for any other text.</summary>
internal sealed class ParsedBooleanProducer(string identifier, ValueProducer<TextSlice> source) : ValueProducer<bool>(identifier, ProducerType.Boolean)
{
    public override ValueProducer? Source => source;

    public override bool TryRead(in MappedEvent mapped, out bool value)
    {
        var isPresent = source.TryRead(mapped, out var text);
        value = isPresent && Ascii.EqualsIgnoreCase(mapped.Read(text), "true"u8);
        return isPresent;
    }
}
