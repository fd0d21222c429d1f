namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>An object as written, or several that were written for the same key.</summary>
internal sealed class HoconObjectNode(HoconOrigin origin) : HoconNode(origin)
{
    private readonly Dictionary<string, HoconField> _fields = [];
    private readonly List<string> _keys = [];

    /// <summary>Keys in the order of their first appearance.</summary>
    public IReadOnlyList<string> Keys => _keys;

    public HoconField this[string key] => _fields[key];

    /// <summary>Assigns to a key: objects merge, everything else comes on top.</summary>
    public void Assign(string key, HoconNode value)
    {
        if (!_fields.TryGetValue(key, out var field))
        {
            _fields.Add(key, field = new HoconField());
            _keys.Add(key);
        }

        if (value is HoconObjectNode added && field.Assignments is [.., HoconObjectNode present])
        {
            present.Merge(added);
            return;
        }

        // A plain value hides all before it for good; a list or a substitution may still refer back.
        if (value is HoconScalarNode)
            field.Assignments.Clear();
        field.Assignments.Add(value);
    }

    /// <summary>Assigns to a path below this object.</summary>
    public void Assign(HoconPath path, HoconNode value)
    {
        var nested = value;
        for (var i = path.Elements.Count - 1; i > 0; i--)
        {
            var parent = new HoconObjectNode(value.Origin);
            parent.Assign(path.Elements[i], nested);
            nested = parent;
        }

        Assign(path.Elements[0], nested);
    }

    /// <summary>Takes over the fields of an object of higher priority.</summary>
    public void Merge(HoconObjectNode higher)
    {
        foreach (var key in higher.Keys)
        {
            foreach (var value in higher[key].Assignments)
                Assign(key, value);
        }
    }
}
