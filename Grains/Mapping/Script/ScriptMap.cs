namespace Divolte.Grains.Mapping.Script;

/// <summary>A map of a script, in the order in which keys were added.</summary>
internal sealed class ScriptMap
{
    private readonly List<object> _keys = [];
    private readonly Dictionary<object, object?> _values = [];

    public IReadOnlyList<object> Keys => _keys;

    public object? this[object key]
    {
        get => _values.GetValueOrDefault(key);
        set
        {
            if (!_values.ContainsKey(key))
                _keys.Add(key);
            _values[key] = value;
        }
    }

    public bool Contains(object key) => _values.ContainsKey(key);

    public object? Remove(object key)
    {
        _keys.Remove(key);
        _values.Remove(key, out var value);
        return value;
    }
}

/// <summary>A list of a script.</summary>
internal sealed class ScriptList(List<object?> items)
{
    public List<object?> Items { get; } = items;
}

/// <summary>A range of whole numbers, both ends included.</summary>
internal sealed record ScriptRange(int From, int To)
{
    public int Count => Math.Abs(To - From) + 1;

    public IEnumerable<object?> Items => Enumerable.Range(0, Count).Select(step => (object?)(From <= To ? From + step : From - step));
}
