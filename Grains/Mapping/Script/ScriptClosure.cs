namespace Divolte.Grains.Mapping.Script;

/// <summary>A closure with the variables around it.</summary>
internal sealed class ScriptClosure(ClosureExpression syntax, ScriptScope scope)
{
    public ClosureExpression Syntax { get; } = syntax;

    public ScriptScope Scope { get; } = scope;
}

/// <summary>A method of the script.</summary>
internal sealed class ScriptMethod(MethodStatement syntax, ScriptScope scope)
{
    public MethodStatement Syntax { get; } = syntax;

    /// <summary>What it sees: the script's own names, but no variables.</summary>
    public ScriptScope Scope { get; } = scope;
}
