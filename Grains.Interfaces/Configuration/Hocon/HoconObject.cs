using System.Globalization;

namespace Divolte.Grains.Interfaces.Configuration.Hocon;

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

    /// <summary>An object with the keys 0, 1, 2 … stands for the list of their values: the way to give a list by flat properties.</summary>
    public override HoconList? AsList()
    {
        if (Fields.Count == 0)
            return null;
        var items = new HoconValue[Fields.Count];
        for (var i = 0; i < items.Length; i++)
        {
            if (Find(i.ToString(CultureInfo.InvariantCulture)) is not { } item)
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
