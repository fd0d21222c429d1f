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
