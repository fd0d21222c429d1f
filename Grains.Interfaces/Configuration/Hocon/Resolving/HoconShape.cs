namespace Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;

/// <summary>What a value is, as far as is known without looking into the fields of objects.</summary>
internal abstract class HoconShape(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;
}

/// <summary>A simple value or a whole list.</summary>
internal sealed class HoconPlainShape(HoconValue value) : HoconShape(value.Origin)
{
    public HoconValue Value { get; } = value;
}
