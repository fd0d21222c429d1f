namespace Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;

/// <summary>An object whose fields are evaluated when they are asked for.</summary>
/// <param name="isInPlace">Whether it stands where it was written; else it was referred to from elsewhere.</param>
/// <param name="origin">Where it was written.</param>
internal sealed class HoconObjectShape(bool isInPlace, HoconOrigin origin) : HoconShape(origin)
{
    private readonly Dictionary<string, HoconCell> _cells = [];
    private readonly List<string> _keys = [];
    private HoconObjectShape? _referenced;

    public IReadOnlyList<string> Keys => _keys;

    /// <summary>Set once everything in it is resolved.</summary>
    public HoconObject? Value { get; set; }

    /// <summary>Whether its fields are being resolved: meeting it again then is a cycle.</summary>
    public bool IsResolving { get; set; }

    /// <summary>The same cells, seen from elsewhere: laid over other objects they still look back in their own place.</summary>
    public HoconObjectShape Referenced => isInPlace ? _referenced ??= CopyTo(new HoconObjectShape(isInPlace: false, Origin)) : this;

    public HoconCell? Find(string key) => _cells.GetValueOrDefault(key);

    public static HoconObjectShape Written(HoconObjectNode node)
    {
        var shape = new HoconObjectShape(isInPlace: true, node.Origin);
        foreach (var key in node.Keys)
            shape.Add(key, new HoconCell(node[key].Assignments));
        return shape;
    }

    /// <summary>Lays objects over each other, the lowest priority first.</summary>
    public static HoconObjectShape Merge(IReadOnlyList<HoconObjectShape> layers)
    {
        var assignments = new Dictionary<string, List<HoconNode>>();
        var merged = new HoconObjectShape(isInPlace: true, layers[^1].Origin);
        foreach (var layer in layers)
        {
            foreach (var key in layer.Keys)
            {
                if (!assignments.TryGetValue(key, out var list))
                {
                    assignments.Add(key, list = []);
                    merged.Add(key, new HoconCell(list));
                }

                layer.AddAssignments(key, list);
            }
        }

        return merged;
    }

    private void AddAssignments(string key, List<HoconNode> to)
    {
        if (isInPlace)
            to.AddRange(_cells[key].Assignments);
        else
            to.Add(new HoconCellNode(_cells[key], Origin));
    }

    private HoconObjectShape CopyTo(HoconObjectShape copy)
    {
        foreach (var key in _keys)
            copy.Add(key, _cells[key]);
        return copy;
    }

    private void Add(string key, HoconCell cell)
    {
        _cells.Add(key, cell);
        _keys.Add(key);
    }
}
