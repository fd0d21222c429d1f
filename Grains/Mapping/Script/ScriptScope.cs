namespace Divolte.Grains.Mapping.Script;

/// <summary>Variables of one block, closure or method, and what surrounds it.</summary>
/// <param name="parent">The surrounding scope; null for the script and its methods.</param>
/// <param name="isMapping">Whether the names of a mapping are known from here on: inside <c>mapping { … }</c>.</param>
internal sealed class ScriptScope(ScriptScope? parent, bool isMapping)
{
    private Dictionary<string, object?>? _variables;

    /// <summary>Whether producers, <c>section</c>, <c>exit</c> and <c>stop</c> are known here.</summary>
    public bool IsMapping { get; } = isMapping || parent is { IsMapping: true };

    /// <summary>What <c>with { … }</c> was called on: its methods can be called by name alone.</summary>
    public object? Delegate { get => field ?? Parent?.Delegate; set; }

    public void Declare(string name, object? value) => (_variables ??= new Dictionary<string, object?>(StringComparer.Ordinal))[name] = value;

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._variables is not null && scope._variables.TryGetValue(name, out value))
                return true;
        }
        value = null;
        return false;
    }

    public bool TrySet(string name, object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._variables is null || !scope._variables.ContainsKey(name))
                continue;
            scope._variables[name] = value;
            return true;
        }
        return false;
    }

    /// <summary>All names, innermost first, for suggestions.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            for (var scope = this; scope is not null; scope = scope.Parent)
            {
                foreach (var name in scope._variables?.Keys ?? Enumerable.Empty<string>())
                    yield return name;
            }
        }
    }

    private ScriptScope? Parent { get; } = parent;
}
