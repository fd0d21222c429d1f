namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>Kinds of simple values.</summary>
internal enum HoconScalarKind : byte
{
    Null,
    Boolean,
    Number,
    Text,
}

/// <summary>A resolved value.</summary>
internal abstract class HoconValue(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;

    /// <summary>How a message names the kind of value.</summary>
    public abstract string KindName { get; }

    /// <summary>Number of values in it, itself included, counted as often as they occur.</summary>
    public abstract int Weight { get; }

    /// <summary>The value on one line, for messages; what is very long is cut.</summary>
    public abstract string Describe();

    /// <summary>The list that the value is or stands for; null when it stands for none.</summary>
    public virtual HoconList? AsList() => null;
}

/// <summary>A text, number, boolean or null. A number keeps its spelling.</summary>
internal sealed class HoconScalar(HoconScalarKind kind, string text, HoconOrigin origin) : HoconValue(origin)
{
    public HoconScalarKind Kind { get; } = kind;

    public string Text { get; } = text;

    public bool IsNull => Kind == HoconScalarKind.Null;

    public override string KindName => Kind switch
    {
        HoconScalarKind.Null => "null",
        HoconScalarKind.Boolean => "boolean",
        HoconScalarKind.Number => "number",
        _ => "string",
    };

    public override int Weight => 1 + (Text.Length / 256);

    public override string Describe() => Text.Length <= 200 ? Text : Text[..200] + "…";
}

/// <summary>A list.</summary>
internal sealed class HoconList(IReadOnlyList<HoconValue> items, HoconOrigin origin) : HoconValue(origin)
{
    public IReadOnlyList<HoconValue> Items { get; } = items;

    public override string KindName => "list";

    public override HoconList AsList() => this;

    public override int Weight { get; } = items.Aggregate(1, (sum, item) => (int)Math.Min(int.MaxValue, (long)sum + item.Weight));

    public override string Describe() =>
        Items.Count <= 8 && Weight <= 100 ? $"[{string.Join(", ", Items.Select(item => item.Describe()))}]" : $"a list of {Items.Count} values";
}
