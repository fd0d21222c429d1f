namespace Divolte.Grains.Interfaces.Configuration.Hocon;

/// <summary>What was written, before substitutions are resolved.</summary>
internal abstract class HoconNode(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;
}

/// <summary>A text, number, boolean or null.</summary>
internal sealed class HoconScalarNode(HoconScalarKind kind, string text, HoconOrigin origin) : HoconNode(origin)
{
    public HoconScalar Value { get; } = new(kind, text, origin);
}

/// <summary>Blanks between the pieces of a value; they count only between texts.</summary>
internal sealed class HoconBlankNode(string text, HoconOrigin origin) : HoconNode(origin)
{
    public string Text { get; } = text;
}

/// <summary>A list as written.</summary>
internal sealed class HoconListNode(IReadOnlyList<HoconNode> items, HoconOrigin origin) : HoconNode(origin)
{
    public IReadOnlyList<HoconNode> Items { get; } = items;
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
/// <param name="expression">As written, for messages.</param>
/// <param name="path">The path as written.</param>
/// <param name="includedAt">Where the file that holds it was included; looked up below that place first. Null when it was not.</param>
/// <param name="isOptional">Whether it may lead nowhere.</param>
/// <param name="origin">Where it was written.</param>
internal sealed class HoconReferenceNode(string expression, HoconPath path, HoconPath? includedAt, bool isOptional, HoconOrigin origin) : HoconNode(origin)
{
    public string Expression { get; } = expression;

    public HoconPath Path { get; } = path;

    public HoconPath? IncludedAt { get; } = includedAt;

    public bool IsOptional { get; } = isOptional;
}

/// <summary>Several pieces that stand beside each other: one text, one list or one object.</summary>
internal sealed class HoconJoinNode(IReadOnlyList<HoconNode> pieces, HoconOrigin origin) : HoconNode(origin)
{
    public IReadOnlyList<HoconNode> Pieces { get; } = pieces;
}

/// <summary><c>key += item</c>: the list that the key had before, and one more item.</summary>
internal sealed class HoconAppendNode(HoconNode item, HoconOrigin origin) : HoconNode(origin)
{
    public HoconNode Item { get; } = item;
}

/// <summary>What was assigned to one key, the later the higher its priority. Earlier values stay while a later one may refer to them.</summary>
internal sealed class HoconField
{
    public List<HoconNode> Assignments { get; } = [];
}

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
