namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>The less usual methods of lists, ranges and maps.</summary>
internal static class CollectionMethods
{
    public static readonly IReadOnlyList<string> ListNames =
    [
        "reverseEach", "forEach", "findResult", "findResults", "takeWhile", "dropWhile", "takeRight", "dropRight", "countBy", "containsAll", "disjoint", "subList",
        "set", "clear", "removeAll", "retainAll", "removeIf", "toUnique", "toSorted", "transpose", "clone", "asImmutable", "asList",
    ];

    public static readonly IReadOnlyList<string> MapNames =
        ["sort", "max", "min", "count", "countBy", "collectMany", "findResult", "findResults", "forEach", "subMap", "putIfAbsent", "clear", "clone", "asImmutable"];

    /// <summary>A method of a list or range.</summary>
    public static object? CallList(
        ScriptEvaluator evaluator, ScriptPosition position, object target, IReadOnlyList<object?> items, string name, object?[] arguments)
    {
        var first = arguments.Length > 0 ? arguments[0] : null;
        object? Apply(object? item) => evaluator.Call((ScriptClosure)first!, position, isMapping: false, item);
        bool Holds(object? item) => Truth.Of(Apply(item));
        switch (name, arguments.Length)
        {
            case ("reverseEach", 1) when first is ScriptClosure:
                for (var index = items.Count - 1; index >= 0; index--)
                    Apply(items[index]);
                return target;
            case ("forEach", 1) when first is ScriptClosure:
                foreach (var item in items)
                    Apply(item);
                return null;
            case ("findResult", 1) when first is ScriptClosure: return items.Select(Apply).FirstOrDefault(result => result is not null);
            case ("findResults", 1) when first is ScriptClosure: return new ScriptList(items.Select(Apply).Where(result => result is not null).ToList());
            case ("takeWhile", 1) when first is ScriptClosure: return new ScriptList(items.TakeWhile(Holds).ToList());
            case ("dropWhile", 1) when first is ScriptClosure: return new ScriptList(items.SkipWhile(Holds).ToList());
            case ("countBy", 1) when first is ScriptClosure: return CountBy(evaluator, position, items.Select(Apply));
            case ("removeIf" or "removeAll", 1) when first is ScriptClosure && target is ScriptList list: return list.Items.RemoveAll(Holds) > 0;
            case ("retainAll", 1) when first is ScriptClosure && target is ScriptList list: return list.Items.RemoveAll(item => !Holds(item)) > 0;
            case ("removeAll", 1) when target is ScriptList list: return list.Items.RemoveAll(In(evaluator, position, first)) > 0;
            case ("retainAll", 1) when target is ScriptList list:
                var kept = In(evaluator, position, first);
                return list.Items.RemoveAll(item => !kept(item)) > 0;
            case ("any", 0): return items.Any(Truth.Of);
            case ("every", 0): return items.All(Truth.Of);
            case ("findAll", 0): return new ScriptList(items.Where(Truth.Of).ToList());
            case ("max" or "min", 0) when items.Count == 0: return null;
            case ("takeRight", 1) when first is int count: return new ScriptList([.. items.Skip(items.Count - Math.Max(0, count))]);
            case ("dropRight", 1) when first is int count: return new ScriptList([.. items.Take(items.Count - Math.Max(0, count))]);
            case ("containsAll", 1): return Sequences.ItemsOf(evaluator, position, first).All(In(evaluator, position, target).Invoke);
            case ("disjoint", 1): return !items.Any(In(evaluator, position, first).Invoke);
            case ("subList", 2) when first is int from && arguments[1] is int to && from >= 0 && to >= from && to <= items.Count:
                return new ScriptList([.. items.Skip(from).Take(to - from)]);
            case ("set", 2) when target is ScriptList list && first is int at && at >= 0 && at < list.Items.Count:
                var before = list.Items[at];
                list.Items[at] = arguments[1];
                return before;
            case ("add", 2) when target is ScriptList list && first is int at && at >= 0 && at <= list.Items.Count:
                evaluator.Charge(position, 1);
                list.Items.Insert(at, arguments[1]);
                return null;
            case ("clear", 0) when target is ScriptList list:
                list.Items.Clear();
                return null;
            case ("toUnique" or "toSorted", 0): return ListMethods.Call(evaluator, position, new ScriptList([.. items]), name == "toUnique" ? "unique" : "sort", []);
            case ("clone" or "asImmutable" or "asList", 0): return new ScriptList([.. items]);
            case ("transpose", 0): return Transposed(items.Select(row => Sequences.ItemsOf(evaluator, position, row)).ToList());
            default: return Types.NotFound;
        }
    }

    /// <summary>A method of a map.</summary>
    public static object? CallMap(ScriptEvaluator evaluator, ScriptPosition position, ScriptMap map, string name, object?[] arguments)
    {
        switch (name, arguments.Length)
        {
            case ("clone" or "asImmutable", 0): return Copy(map, map.Keys);
            case ("subMap", 1): return Copy(map, Sequences.ItemsOf(evaluator, position, arguments[0]).Select(key => Sequences.KeyOf(evaluator, position, key)).Where(map.Contains));
            case ("putIfAbsent", 2):
                var key = Sequences.KeyOf(evaluator, position, arguments[0]);
                if (map[key] is { } known)
                    return known;
                evaluator.Charge(position, 1);
                map[key] = arguments[1];
                return null;
            case ("clear", 0):
                foreach (var gone in map.Keys.ToList())
                    map.Remove(gone);
                return null;
            case ("sort", 0): return Copy(map, map.Keys.Order(Comparer<object>.Create((left, right) => Equality.TryCompare(left, right, out var order) ? order : 0)));
        }
        if (arguments is not [ScriptClosure] || name is not ("sort" or "max" or "min" or "count" or "countBy" or "collectMany" or "findResult" or "findResults" or "forEach"))
            return Types.NotFound;
        var entries = new ScriptList([.. Sequences.ItemsOf(evaluator, position, map)]);
        var result = ListMethods.Call(evaluator, position, entries, name, arguments);
        return name == "sort" ? Copy(map, ((ScriptList)result!).Items.Cast<ScriptEntry>().Select(entry => entry.Key)) : result;
    }

    private static Predicate<object?> In(ScriptEvaluator evaluator, ScriptPosition position, object? collection)
    {
        var others = Sequences.ItemsOf(evaluator, position, collection);
        return item => others.Any(other => Equality.AreEqual(evaluator, position, item, other));
    }

    private static ScriptMap CountBy(ScriptEvaluator evaluator, ScriptPosition position, IEnumerable<object?> keys)
    {
        var counts = new ScriptMap();
        foreach (var key in keys.Select(key => Sequences.KeyOf(evaluator, position, key)))
            counts[key] = counts[key] is int count ? count + 1 : 1;
        return counts;
    }

    private static ScriptList Transposed(List<IReadOnlyList<object?>> rows)
    {
        var width = rows.Count == 0 ? 0 : rows.Min(row => row.Count);
        return new ScriptList(Enumerable.Range(0, width).Select(column => (object?)new ScriptList(rows.Select(row => row[column]).ToList())).ToList());
    }

    private static ScriptMap Copy(ScriptMap map, IEnumerable<object> keys)
    {
        var copy = new ScriptMap();
        foreach (var key in keys.ToList())
            copy[key] = map[key];
        return copy;
    }
}
