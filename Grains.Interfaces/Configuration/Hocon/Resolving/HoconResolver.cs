using System.Runtime.CompilerServices;

namespace Divolte.Grains.Interfaces.Configuration.Hocon.Resolving;

/// <summary>
/// The merged tree to values: follows substitutions by absolute path, then into the environment. Evaluates lazily, so that objects may refer
/// to their own other fields and to each other; a field that refers to itself sees its earlier value.
/// </summary>
/// <param name="root">All layers merged: built-in defaults, files, overrides.</param>
/// <param name="environment">Looks up an environment variable; null when it is not set.</param>
internal sealed class HoconResolver(HoconObjectNode root, Func<string, string?> environment)
{
    private readonly Dictionary<HoconObjectNode, HoconObjectShape> _written = new(ReferenceEqualityComparer.Instance);
    private int _depth;
    private int _steps;
    private int _lowestLookBack = int.MaxValue;

    /// <exception cref="HoconException">A substitution leads nowhere or round in a circle, kinds are mixed in one value, or a bound is exceeded.</exception>
    public static HoconObject Resolve(HoconObjectNode root, Func<string, string?> environment)
    {
        var resolver = new HoconResolver(root, environment);
        return resolver.ToObject(resolver.Written(root));
    }

    private HoconShape? Evaluate(HoconCell cell, HoconOrigin origin)
    {
        var visible = cell.Visible;
        if (cell.IsEvaluating)
            _lowestLookBack = Math.Min(_lowestLookBack, cell.EvaluatingDepth);
        if (cell.TryGetKnown(visible, out var known))
            return known;

        Enter(origin);
        var outerLookBack = _lowestLookBack;
        _lowestLookBack = int.MaxValue;
        var shape = Overlay(cell, visible);
        // A result that depends on what is under evaluation further out holds only as long as that lasts.
        if (_lowestLookBack >= _depth)
            cell.Remember(visible, shape);
        else
            outerLookBack = Math.Min(outerLookBack, _lowestLookBack);
        _lowestLookBack = outerLookBack;
        _depth--;
        return shape;
    }

    /// <summary>Assignments from the top: the first that is no object decides, unless objects lie above it, which merge.</summary>
    private HoconShape? Overlay(HoconCell cell, int visible)
    {
        List<HoconObjectShape>? layers = null;
        for (var i = visible - 1; i >= 0; i--)
        {
            // Under objects nothing but objects counts: what is surely none need not even be resolvable.
            if (layers is not null && cell.Assignments[i] is (HoconListNode or HoconAppendNode or HoconScalarNode))
                break;
            var shape = Mark(cell, i);
            if (shape is HoconObjectShape layer)
                (layers ??= []).Insert(0, layer);
            else if (shape is not null && layers is null)
                return shape;
            else if (shape is not null)
                break;
        }

        return layers switch { null => null, [var single] => single, _ => HoconObjectShape.Merge(layers) };
    }

    private HoconShape? Mark(HoconCell cell, int index)
    {
        if (cell.Assignments[index] is HoconObjectNode written)
            return Written(written);
        var (outer, outerDepth) = (cell.Evaluating, cell.EvaluatingDepth);
        (cell.Evaluating, cell.EvaluatingDepth) = (index, _depth);
        try
        {
            return cell.Assignments[index] is HoconAppendNode append ? Append(cell, append) : Shape(cell.Assignments[index]);
        }
        finally
        {
            (cell.Evaluating, cell.EvaluatingDepth) = (outer, outerDepth);
        }
    }

    private HoconShape? Shape(HoconNode node) => node switch
    {
        HoconScalarNode scalar => new HoconPlainShape(scalar.Value),
        HoconObjectNode written => Written(written),
        HoconListNode list => new HoconPlainShape(ToList(list)),
        HoconReferenceNode reference => Follow(reference),
        HoconCellNode other => Referenced(Evaluate(other.Cell, node.Origin)),
        HoconJoinNode join => Join(join),
        _ => throw new HoconException(node.Origin, "+= cannot stand here"),
    };

    private HoconShape? Follow(HoconReferenceNode reference)
    {
        var found = reference.IncludedAt is { Elements.Count: > 0 } place ? Find(place.Then(reference.Path), reference.Origin) : null;
        found ??= Find(reference.Path, reference.Origin);
        if (found is not null)
            return IsCircular(found) && reference.IsOptional ? null : Referenced(found);
        var name = string.Join('.', reference.Path.Elements);
        if (environment(name) is { } variable)
        {
            var origin = new HoconOrigin($"environment variable {name}, used in {reference.Origin}");
            return new HoconPlainShape(new HoconScalar(HoconScalarKind.Text, variable, origin));
        }

        return reference.IsOptional
            ? null
            : throw new HoconException(
                reference.Origin,
                $"could not resolve the substitution {reference.Expression}:"
                + " no such setting and no such environment variable, or it refers to itself in a cycle");
    }

    /// <summary>
    /// Whether a reference leads to an object that is being resolved, so that the object would contain itself. What comes of that holds only here.
    /// </summary>
    private bool IsCircular(HoconShape found)
    {
        if (found is not HoconObjectShape fields || !(fields.IsResolving || fields.Referenced.IsResolving))
            return false;
        _lowestLookBack = 0;
        return true;
    }

    private HoconShape? Find(HoconPath path, HoconOrigin origin)
    {
        var shape = (HoconShape?)Written(root);
        foreach (var element in path.Elements)
        {
            if (shape is not HoconObjectShape fields || fields.Find(element) is not { } cell)
                return null;
            shape = Evaluate(cell, origin);
        }

        return shape;
    }

    private HoconPlainShape Append(HoconCell cell, HoconAppendNode append)
    {
        var items = new List<HoconValue>();
        if (Evaluate(cell, append.Origin) is { } before)
        {
            var value = ToValue(before);
            items.AddRange((value.AsList()
                ?? throw new HoconException(append.Origin, $"+= needs a list to append to, but the value before is of type {value.KindName}")).Items);
        }

        if (Shape(append.Item) is { } item)
            items.Add(ToValue(item));
        return new HoconPlainShape(Bounded(new HoconList(items, append.Origin)));
    }

    private HoconShape? Join(HoconJoinNode join)
    {
        var joiner = new HoconJoiner(join.Origin);
        foreach (var piece in join.Pieces)
        {
            if (piece is HoconBlankNode blank)
                joiner.AddBlank(blank.Text);
            else
                joiner.Add(Shape(piece));
        }

        var joined = joiner.Finish(ToValue);
        return joined is HoconPlainShape plain ? new HoconPlainShape(Bounded(plain.Value)) : joined;
    }

    private HoconList ToList(HoconListNode node)
    {
        Enter(node.Origin);
        var items = new List<HoconValue>(node.Items.Count);
        foreach (var item in node.Items)
        {
            if (Shape(item) is { } shape)
                items.Add(ToValue(shape));
        }

        _depth--;
        return Bounded(new HoconList(items, node.Origin));
    }

    private HoconValue ToValue(HoconShape shape) => shape is HoconPlainShape plain ? plain.Value : ToObject((HoconObjectShape)shape);

    private HoconObject ToObject(HoconObjectShape shape)
    {
        if (shape.Value is { } known)
            return known;
        if (shape.IsResolving)
            throw new HoconException(shape.Origin, "cyclic substitution: an object contains itself");
        Enter(shape.Origin);
        shape.IsResolving = true;
        var outerLookBack = _lowestLookBack;
        _lowestLookBack = int.MaxValue;
        var fields = new List<KeyValuePair<string, HoconValue>>(shape.Keys.Count);
        foreach (var key in shape.Keys)
        {
            if (Evaluate(shape.Find(key)!, shape.Origin) is { } field)
                fields.Add(new(key, ToValue(field)));
        }

        var value = Bounded(new HoconObject(fields, shape.Origin));
        if (_lowestLookBack >= _depth)
            shape.Value = value;
        _lowestLookBack = Math.Min(outerLookBack, _lowestLookBack >= _depth ? int.MaxValue : _lowestLookBack);
        shape.IsResolving = false;
        _depth--;
        return value;
    }

    private HoconObjectShape Written(HoconObjectNode node)
    {
        if (!_written.TryGetValue(node, out var shape))
            _written.Add(node, shape = HoconObjectShape.Written(node));
        return shape;
    }

    private static HoconShape? Referenced(HoconShape? shape) => shape is HoconObjectShape fields ? fields.Referenced : shape;

    private static T Bounded<T>(T value)
        where T : HoconValue =>
        value.Weight <= HoconLimits.ResolvedValues
            ? value
            : throw new HoconException(value.Origin, $"substitutions make a value with more than {HoconLimits.ResolvedValues} parts");

    private void Enter(HoconOrigin origin)
    {
        if (++_depth > HoconLimits.ResolveDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new HoconException(origin, $"substitutions lead to one another more than {HoconLimits.ResolveDepth} levels deep");
        if (++_steps > HoconLimits.ResolveSteps)
            throw new HoconException(origin, "substitutions repeat each other too often: resolving them was given up");
    }
}
