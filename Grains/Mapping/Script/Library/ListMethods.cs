namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Methods of lists and ranges.</summary>
internal static class ListMethods
{
    public static readonly IReadOnlyList<string> Names =
    [
        "each", "eachWithIndex", "collect", "find", "findAll", "any", "every", "join", "size", "isEmpty", "contains", "indexOf", "first", "last", "head",
        "tail", "get", "getAt", "add", "addAll", "plus", "minus", "reverse", "sort", "unique", "sum", "max", "min", "inject", "collectEntries", "flatten",
        "toList", "take", "drop", "withIndex", "step",
        "count", "findIndexOf", "collectMany", "groupBy", "init", "indexed", "intersect", "collate", "toSet", "pop", "push", "remove", "removeAt",
        .. CollectionMethods.ListNames,
    ];

    private const int FlattenDepthMax = 50;

    public static object? Call(ScriptEvaluator evaluator, ScriptPosition position, object target, string name, object?[] arguments)
    {
        var items = Sequences.ItemsOf(evaluator, position, target);
        var result = arguments is [.., ScriptClosure closure]
            ? CallWithClosure(evaluator, position, target, items, name, arguments, closure)
            : CallPlain(evaluator, position, target, items, name, arguments);
        return ReferenceEquals(result, Types.NotFound) ? CollectionMethods.CallList(evaluator, position, target, items, name, arguments) : result;
    }

    private static object? CallWithClosure(
        ScriptEvaluator evaluator,
        ScriptPosition position,
        object target,
        IReadOnlyList<object?> items,
        string name,
        object?[] arguments,
        ScriptClosure closure)
    {
        object? Apply(object? item) => evaluator.Call(closure, position, isMapping: false, item);
        switch (name, arguments.Length)
        {
            case ("each", 1):
                foreach (var item in items)
                    Apply(item);
                return target;
            case ("eachWithIndex", 1):
                for (var index = 0; index < items.Count; index++)
                    evaluator.Call(closure, position, isMapping: false, items[index], index);
                return target;
            case ("collect", 1):
                return new ScriptList(items.Select(Apply).ToList());
            case ("findAll", 1):
                return new ScriptList(items.Where(item => Truth.Of(Apply(item))).ToList());
            case ("find", 1):
                return items.FirstOrDefault(item => Truth.Of(Apply(item)));
            case ("any", 1):
                return items.Any(item => Truth.Of(Apply(item)));
            case ("every", 1):
                return items.All(item => Truth.Of(Apply(item)));
            case ("sum", 2):
                return items.Select(Apply).Aggregate(arguments[0], (sum, item) => Operators.Binary(evaluator, position, "+", sum, item));
            case ("collect", 2) when arguments[0] is ScriptList into:
                into.Items.AddRange(items.Select(Apply));
                return into;
            case ("inject", 1) when items.Count > 0:
                return items.Aggregate((sum, item) => evaluator.Call(closure, position, isMapping: false, sum, item));
            case ("sum", 1):
                return items.Count == 0 ? null : items.Select(Apply).Aggregate((sum, item) => Operators.Binary(evaluator, position, "+", sum, item));
            case ("inject", 2):
                return items.Aggregate(arguments[0], (sum, item) => evaluator.Call(closure, position, isMapping: false, sum, item));
            case ("step", 2) when target is ScriptRange range && arguments[0] is int step && step > 0:
                for (var index = 0; index < range.Count; index += step)
                    Apply(items[index]);
                return null;
            case ("count", 1):
                return items.Count(item => Truth.Of(Apply(item)));
            case ("findIndexOf", 1):
                return items.ToList().FindIndex(item => Truth.Of(Apply(item)));
            case ("collectMany", 1):
                return new ScriptList(items.SelectMany(item => Sequences.ItemsOf(evaluator, position, Apply(item))).ToList());
            case ("toSorted", 1):
                return Sorted(evaluator, position, items, closure);
            case ("sort", 1):
                return InPlace(target, Sorted(evaluator, position, items, closure));
            case ("max" or "min", 1):
                return items.Count == 0 ? null : Sorted(evaluator, position, items, closure).Items[name == "max" ? ^1 : 0];
            case ("groupBy", 1):
                return GroupBy(evaluator, position, items, Apply);
            case ("collectEntries", 1):
                return CollectEntries(evaluator, position, items.Select(Apply));
            default:
                return Types.NotFound;
        }
    }

    /// <summary>A closure with two parameters compares, any other gives what to compare by.</summary>
    private static ScriptList Sorted(ScriptEvaluator evaluator, ScriptPosition position, IReadOnlyList<object?> items, ScriptClosure closure)
    {
        var keyed = closure.Syntax.Parameters.Count == 2
            ? items.Select(item => (Item: item, Key: item)).ToList()
            : items.Select(item => (Item: item, Key: evaluator.Call(closure, position, isMapping: false, item))).ToList();
        var comparer = Comparer<object?>.Create((left, right) => closure.Syntax.Parameters.Count == 2
            ? evaluator.Call(closure, position, isMapping: false, left, right) is int order ? order : 0
            : Order(evaluator, position, left, right));
        return new ScriptList(keyed.OrderBy(pair => pair.Key, comparer).Select(pair => pair.Item).ToList());
    }

    private static ScriptMap GroupBy(ScriptEvaluator evaluator, ScriptPosition position, IReadOnlyList<object?> items, Func<object?, object?> apply)
    {
        var groups = new ScriptMap();
        foreach (var item in items)
        {
            var key = Sequences.KeyOf(evaluator, position, apply(item));
            if (groups[key] is not ScriptList group)
                groups[key] = group = new ScriptList([]);
            group.Items.Add(item);
        }
        return groups;
    }

    private static ScriptMap CollectEntries(ScriptEvaluator evaluator, ScriptPosition position, IEnumerable<object?> entries)
    {
        var map = new ScriptMap();
        foreach (var entry in entries)
        {
            switch (entry)
            {
                case ScriptList { Items: [var key, var value] }:
                    map[Sequences.KeyOf(evaluator, position, key)] = value;
                    break;
                case ScriptMap inner:
                    foreach (var key in inner.Keys)
                        map[key] = inner[key];
                    break;
                default:
                    throw evaluator.ErrorAt(position, "An entry is a list of key and value, or a map.");
            }
        }
        return map;
    }

    private static object? CallPlain(
        ScriptEvaluator evaluator, ScriptPosition position, object target, IReadOnlyList<object?> items, string name, object?[] arguments)
    {
        var first = arguments.Length > 0 ? arguments[0] : null;
        switch (name, arguments.Length)
        {
            case ("size", 0): return items.Count;
            case ("isEmpty", 0): return items.Count == 0;
            case ("join", 0 or 1): return Printing.Join(evaluator, position, first is null ? "" : Printing.Print(first), items);
            case ("contains", 1): return items.Any(item => Equality.AreEqual(evaluator, position, item, first));
            case ("indexOf", 1): return items.ToList().FindIndex(item => Equality.AreEqual(evaluator, position, item, first));
            case ("get", 1) when first is int index && (index < 0 || index >= items.Count):
                throw evaluator.ErrorAt(position, $"The list has no element {index}.");
            case ("get" or "getAt", 1) when first is int: return Sequences.GetAt(evaluator, position, target, [first]);
            case ("first" or "head", 0) when items.Count > 0: return items[0];
            case ("last", 0) when items.Count > 0: return items[^1];
            case ("first" or "head" or "last", 0): throw evaluator.ErrorAt(position, "The list is empty.");
            case ("tail", 0): return new ScriptList([.. items.Skip(1)]);
            case ("take", 1) when first is int count: return new ScriptList([.. items.Take(count)]);
            case ("drop", 1) when first is int count: return new ScriptList([.. items.Skip(count)]);
            case ("reverse", 0): return new ScriptList([.. items.Reverse()]);
            case ("toList", 0): return new ScriptList([.. items]);
            case ("unique", 0): return InPlace(target, new ScriptList(Unique(evaluator, position, items)));
            case ("sort", 0):
                return InPlace(target, new ScriptList([.. items.Order(Comparer<object?>.Create((left, right) => Order(evaluator, position, left, right)))]));
            case ("max", 0) when items.Count > 0: return items.Aggregate((best, item) => Order(evaluator, position, item, best) > 0 ? item : best);
            case ("min", 0) when items.Count > 0: return items.Aggregate((best, item) => Order(evaluator, position, item, best) < 0 ? item : best);
            case ("sum", 0): return items.Count == 0 ? null : items.Aggregate((sum, item) => Operators.Binary(evaluator, position, "+", sum, item));
            case ("plus", 1): return Operators.Binary(evaluator, position, "+", new ScriptList([.. items]), first);
            case ("minus", 1): return Operators.Binary(evaluator, position, "-", new ScriptList([.. items]), first);
            case ("withIndex", 0): return new ScriptList(items.Index().Select(item => (object?)new ScriptList([item.Item, item.Index])).ToList());
            case ("flatten", 0): return new ScriptList(Flat(evaluator, position, items, depth: 0).ToList());
            case ("init", 0) when items.Count > 0: return new ScriptList([.. items.Take(items.Count - 1)]);
            case ("indexed", 0): return new ScriptList(items.Index().Select(item => (object?)new ScriptEntry(item.Index, item.Item)).ToList());
            case ("intersect", 1):
                var others = Sequences.ItemsOf(evaluator, position, first);
                return new ScriptList(items.Where(item => others.Any(other => Equality.AreEqual(evaluator, position, item, other))).ToList());
            case ("collate", 1) when first is int size && size > 0:
                return new ScriptList(items.Chunk(size).Select(chunk => (object?)new ScriptList([.. chunk])).ToList());
            case ("count", 1): return items.Count(item => Equality.AreEqual(evaluator, position, item, first));
            case ("toSet", 0): return new ScriptList(Unique(evaluator, position, items));
            case ("pop" or "removeLast", 0) when target is ScriptList { Items.Count: > 0 } list:
                var taken = list.Items[^1];
                list.Items.RemoveAt(list.Items.Count - 1);
                return taken;
            case ("remove" or "removeAt", 1) when target is ScriptList list && first is int removed && removed >= 0 && removed < list.Items.Count:
                var gone = list.Items[removed];
                list.Items.RemoveAt(removed);
                return gone;
            case ("add" or "push" or "leftShift", 1) when target is ScriptList list:
                evaluator.Charge(position, 1);
                list.Items.Add(first);
                return true;
            case ("addAll", 1) when target is ScriptList list:
                list.Items.AddRange(Sequences.ItemsOf(evaluator, position, first));
                return true;
            default: return Types.NotFound;
        }
    }

    /// <summary>In Groovy, sorting and taking out repetitions change the list itself.</summary>
    private static ScriptList InPlace(object target, ScriptList changed)
    {
        if (target is not ScriptList list)
            return changed;
        list.Items.Clear();
        list.Items.AddRange(changed.Items);
        return list;
    }

    private static IEnumerable<object?> Flat(ScriptEvaluator evaluator, ScriptPosition position, IReadOnlyList<object?> items, int depth)
    {
        if (depth > FlattenDepthMax)
            throw evaluator.ErrorAt(position, $"Lists are inside of lists more than {FlattenDepthMax} levels deep.");
        evaluator.Charge(position, items.Count);
        foreach (var item in items)
        {
            if (item is not (ScriptList or ScriptRange))
                yield return item;
            else
            {
                foreach (var inner in Flat(evaluator, position, Sequences.ItemsOf(evaluator, position, item), depth + 1))
                    yield return inner;
            }
        }
    }

    private static List<object?> Unique(ScriptEvaluator evaluator, ScriptPosition position, IReadOnlyList<object?> items)
    {
        var unique = new List<object?>();
        foreach (var item in items)
        {
            if (!unique.Exists(other => Equality.AreEqual(evaluator, position, other, item)))
                unique.Add(item);
        }
        return unique;
    }

    private static int Order(ScriptEvaluator evaluator, ScriptPosition position, object? left, object? right) =>
        Equality.TryCompare(left, right, out var order) ? order : throw evaluator.ErrorAt(position, "The elements cannot be compared.");
}
