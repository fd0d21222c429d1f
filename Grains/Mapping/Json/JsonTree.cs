using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Json;

/// <summary>The kinds of JSON values, with numbers told apart by how they print.</summary>
internal enum JsonKind : byte
{
    /// <summary>Parameters that were sent, but are empty: no value, yet present.</summary>
    Missing,
    Null,
    False,
    True,

    /// <summary>A whole number of any size.</summary>
    Integer,

    /// <summary>A decimal number of any size and precision.</summary>
    Decimal,

    /// <summary>A double precision number.</summary>
    Double,
    String,
    Array,
    Object,
}

/// <summary>One value of a tree.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">A string's text or a number's canonical text.</param>
/// <param name="Double">The value of <see cref="JsonKind.Double"/>.</param>
internal record struct JsonNode(JsonKind Kind, TextSlice Text, double Double)
{
    /// <summary>Name of the member of an object.</summary>
    public TextSlice Name { get; set; }

    /// <summary>First element or member, or -1.</summary>
    public int First { get; set; } = -1;

    /// <summary>Last element or member, or -1.</summary>
    public int Last { get; set; } = -1;

    /// <summary>Next sibling, or -1.</summary>
    public int Next { get; set; } = -1;

    /// <summary>How many elements or members.</summary>
    public int Count { get; set; }
}

/// <summary>
/// JSON values of one event, as nodes of one growing array that the next event uses again. Nodes are named by their index. Order of members is
/// kept; of a repeated name the last value wins, at the place of the first.
/// </summary>
internal sealed class JsonTree
{
    /// <summary>Deepest nesting that is read; deeper parameters count as unreadable.</summary>
    public const int DepthMax = 2048;

    /// <summary>From so many members on, repeated names are found by hash instead of one after another.</summary>
    private const int LinearMembersMax = 12;

    private const int KeptNodesMax = 16 * 1024;

    private Dictionary<(int Parent, int Hash), int> _members = [];
    private JsonNode[] _nodes = new JsonNode[64];
    private int _count;

    public ref readonly JsonNode this[int node] => ref _nodes[node];

    public void Clear()
    {
        _count = 0;
        if (_nodes.Length > KeptNodesMax)
        {
            _nodes = new JsonNode[64];
            _members = [];
        }
        _members.Clear();
    }

    public int Add(JsonKind kind, TextSlice text = default, double number = 0)
    {
        if (_count == _nodes.Length)
            Array.Resize(ref _nodes, 2 * _nodes.Length);
        _nodes[_count] = new JsonNode(kind, text, number);
        return _count++;
    }

    /// <summary>Appends an element to an array.</summary>
    public void Append(int array, int element)
    {
        ref var parent = ref _nodes[array];
        if (parent.Last < 0)
            parent.First = element;
        else
            _nodes[parent.Last].Next = element;
        parent.Last = element;
        parent.Count++;
    }

    /// <summary>Appends a copy of a value to an array; elements and members are shared with the original.</summary>
    public void AppendCopy(int array, int original) => Append(array, AddCopy(original));

    /// <summary>Sets a member of an object.</summary>
    /// <param name="parent">The object.</param>
    /// <param name="name">Name of the member.</param>
    /// <param name="value">A node that has no parent yet, and no elements.</param>
    /// <param name="mapped">The event that texts belong to.</param>
    /// <returns>Where the value is now: of a repeated name, in the place of the first.</returns>
    public int SetMember(int parent, TextSlice name, int value, in MappedEvent mapped)
    {
        _nodes[value].Name = name;
        var earlier = FindForUpdate(parent, name, mapped);
        if (earlier < 0)
        {
            Append(parent, value);
            if (_nodes[parent].Count > LinearMembersMax)
                Remember(parent, mapped);
            return value;
        }
        var next = _nodes[earlier].Next;
        _nodes[earlier] = _nodes[value] with { Next = next };
        return earlier;
    }

    /// <summary>The member of an object, or -1 when there is none or the node is no object.</summary>
    public int Find(int parent, ReadOnlySpan<byte> name, in MappedEvent mapped)
    {
        if (_nodes[parent].Kind != JsonKind.Object)
            return -1;
        for (var member = _nodes[parent].First; member >= 0; member = _nodes[member].Next)
        {
            if (mapped.Read(_nodes[member].Name).SequenceEqual(name))
                return member;
        }
        return -1;
    }

    private int AddCopy(int original)
    {
        var copy = Add(JsonKind.Null);
        _nodes[copy] = _nodes[original] with { Next = -1 };
        return copy;
    }

    private int FindForUpdate(int parent, TextSlice name, in MappedEvent mapped)
    {
        var text = mapped.Read(name);
        if (_nodes[parent].Count <= LinearMembersMax)
            return Find(parent, text, mapped);
        if (!_members.TryGetValue((parent, HashOf(text)), out var known))
            return -1;
        // Two names with one hash are rare enough to look one after another.
        return mapped.Read(_nodes[known].Name).SequenceEqual(text) ? known : Find(parent, text, mapped);
    }

    private void Remember(int parent, in MappedEvent mapped)
    {
        var first = _nodes[parent].Count == LinearMembersMax + 1 ? _nodes[parent].First : _nodes[parent].Last;
        for (var member = first; member >= 0; member = _nodes[member].Next)
            _members.TryAdd((parent, HashOf(mapped.Read(_nodes[member].Name))), member);
    }

    private static int HashOf(ReadOnlySpan<byte> text)
    {
        var hash = new HashCode();
        hash.AddBytes(text);
        return hash.ToHashCode();
    }
}
