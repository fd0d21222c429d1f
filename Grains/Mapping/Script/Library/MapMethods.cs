namespace Divolte.Grains.Mapping.Script.Library;

/// <summary>Methods of maps.</summary>
internal static class MapMethods
{
    public static readonly IReadOnlyList<string> Names =
    [
        "get", "put", "putAll", "containsKey", "containsValue", "size", "isEmpty", "keySet", "values", "each", "collect", "find", "findAll", "any", "every",
        "remove", "getOrDefault", "plus", "collectEntries", "inject", "sum", "groupBy", "eachWithIndex",
        .. CollectionMethods.MapNames,
    ];

    public static object? Call(ScriptEvaluator evaluator, ScriptPosition position, ScriptMap map, string name, object?[] arguments)
    {
        switch (name, arguments.Length)
        {
            case ("get", 1): return map[Key(0)];
            case ("get" or "getOrDefault", 2): return map.Contains(Key(0)) ? map[Key(0)] : arguments[1];
            case ("put", 2):
                evaluator.Charge(position, 1);
                var before = map[Key(0)];
                map[Key(0)] = arguments[1];
                return before;
            case ("containsKey", 1): return map.Contains(Key(0));
            case ("containsValue", 1): return map.Keys.Any(key => Equality.AreEqual(evaluator, position, map[key], arguments[0]));
            case ("size", 0): return map.Keys.Count;
            case ("isEmpty", 0): return map.Keys.Count == 0;
            case ("keySet", 0): return new ScriptList([.. map.Keys]);
            case ("values", 0): return new ScriptList(map.Keys.Select(key => map[key]).ToList());
            case ("entrySet", 0): return new ScriptList([.. Sequences.ItemsOf(evaluator, position, map)]);
            case ("putAll", 1) when arguments[0] is ScriptMap other:
                foreach (var key in other.Keys)
                    map[key] = other[key];
                return null;
            case ("plus", 1) when arguments[0] is ScriptMap: return Operators.Binary(evaluator, position, "+", map, arguments[0]);
            case ("collectEntries" or "inject" or "sum" or "groupBy" or "eachWithIndex", _):
                return ListMethods.Call(evaluator, position, new ScriptList([.. Sequences.ItemsOf(evaluator, position, map)]), name, arguments);
            case ("remove", 1): return map.Remove(Key(0));
            case ("each" or "collect" or "find" or "findAll" or "any" or "every", 1) when arguments[0] is ScriptClosure closure:
                return CallWithClosure(evaluator, position, map, name, closure);
            default: return CollectionMethods.CallMap(evaluator, position, map, name, arguments);
        }

        object Key(int index) => Sequences.KeyOf(evaluator, position, arguments[index]);
    }

    /// <summary>A closure with two parameters gets key and value, any other the entry.</summary>
    private static object? CallWithClosure(ScriptEvaluator evaluator, ScriptPosition position, ScriptMap map, string name, ScriptClosure closure)
    {
        object? Apply(ScriptEntry entry) => closure.Syntax.Parameters.Count == 2
            ? evaluator.Call(closure, position, isMapping: false, entry.Key, entry.Value)
            : evaluator.Call(closure, position, isMapping: false, entry);
        var entries = Sequences.ItemsOf(evaluator, position, map).Cast<ScriptEntry>().ToList();
        switch (name)
        {
            case "each":
                entries.ForEach(entry => Apply(entry));
                return map;
            case "collect":
                return new ScriptList(entries.Select(Apply).ToList());
            case "find":
                return entries.Find(entry => Truth.Of(Apply(entry)));
            case "any":
                return entries.Exists(entry => Truth.Of(Apply(entry)));
            case "every":
                return entries.TrueForAll(entry => Truth.Of(Apply(entry)));
            default:
                var found = new ScriptMap();
                foreach (var entry in entries.Where(entry => Truth.Of(Apply(entry))))
                    found[entry.Key] = entry.Value;
                return found;
        }
    }
}
