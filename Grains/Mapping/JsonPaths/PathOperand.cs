using Divolte.Grains.Mapping.Json;

namespace Divolte.Grains.Mapping.JsonPaths;

/// <summary>What is compared: a constant, a list, or a path from the item or the root.</summary>
internal sealed class PathOperand
{
    private readonly OperandValue _constant;
    private readonly JsonPath? _path;
    private readonly bool _startsAtRoot;
    private readonly IReadOnlyList<PathOperand>? _items;

    private PathOperand(OperandValue constant, JsonPath? path, bool startsAtRoot, IReadOnlyList<PathOperand>? items)
    {
        _constant = constant;
        _path = path;
        _startsAtRoot = startsAtRoot;
        _items = items;
    }

    public static PathOperand Constant(OperandValue value) => new(value, null, false, null);

    public static PathOperand Path(JsonPath path, bool startsAtRoot) => new(default, path, startsAtRoot, null);

    public static PathOperand List(IReadOnlyList<PathOperand> items) => new(default, null, false, items);

    public bool IsPath => _path is not null;

    public OperandValue Evaluate(ref PathRun run, int item)
    {
        if (_path is not null)
        {
            var found = _path.EvaluateWithin(ref run, _startsAtRoot ? run.Root : item);
            return OperandValue.Of(run, found);
        }
        return _items is null ? _constant : OperandValue.OfNode(AddList(ref run, item));
    }

    private int AddList(ref PathRun run, int item)
    {
        var list = run.Tree.Add(JsonKind.Array);
        foreach (var operand in _items!)
        {
            var value = operand.Evaluate(ref run, item);
            run.Tree.Append(list, value.Kind switch
            {
                OperandKind.Text => run.Tree.Add(JsonKind.String, run.Mapped.Scratch.Keep(value.Text)),
                OperandKind.Number => run.Tree.Add(JsonKind.Decimal, run.Mapped.Scratch.Keep(value.Text)),
                OperandKind.Boolean => run.Tree.Add(value.IsTrue ? JsonKind.True : JsonKind.False),
                OperandKind.Node => value.Node,
                _ => run.Tree.Add(JsonKind.Null),
            });
        }
        return list;
    }
}
