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

    /// <summary>The value on one line, for messages.</summary>
    public abstract string Describe();
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

    public override string Describe() => Text;
}

/// <summary>A list.</summary>
internal sealed class HoconList(IReadOnlyList<HoconValue> items, HoconOrigin origin) : HoconValue(origin)
{
    public IReadOnlyList<HoconValue> Items { get; } = items;

    public override string KindName => "list";

    public override int Weight { get; } = items.Aggregate(1, (sum, item) => (int)Math.Min(int.MaxValue, (long)sum + item.Weight));

    public override string Describe() =>
        Items.Count <= 8 && Weight <= 100 ? $"[{string.Join(", ", Items.Select(item => item.Describe()))}]" : $"a list of {Items.Count} values";
}

/// <summary>An object; keys in the order of their first appearance.</summary>
internal sealed class HoconObject : HoconValue
{
    private readonly Dictionary<string, HoconValue> _fields;

    public HoconObject(IReadOnlyList<KeyValuePair<string, HoconValue>> fields, HoconOrigin origin)
        : base(origin)
    {
        Fields = fields;
        _fields = fields.ToDictionary();
        Weight = fields.Aggregate(1, (sum, field) => (int)Math.Min(int.MaxValue, (long)sum + field.Value.Weight));
    }

    public IReadOnlyList<KeyValuePair<string, HoconValue>> Fields { get; }

    public override string KindName => "object";

    public override int Weight { get; }

    public HoconValue? Find(string key) => _fields.GetValueOrDefault(key);

    /// <summary>The list that an object with the keys 0, 1, 2 … stands for; null when it stands for none.</summary>
    public HoconList? AsList()
    {
        if (Fields.Count == 0)
            return null;
        var items = new HoconValue[Fields.Count];
        for (var i = 0; i < items.Length; i++)
        {
            if (Find(i.ToString(System.Globalization.CultureInfo.InvariantCulture)) is not { } item)
                return null;
            items[i] = item;
        }

        return new HoconList(items, Origin);
    }

    public override string Describe()
    {
        var keys = string.Join(", ", Fields.Take(8).Select(field => field.Key));
        return Fields.Count switch { 0 => "{}", > 8 => $"an object with {keys}, …", _ => $"an object with {keys}" };
    }
}
